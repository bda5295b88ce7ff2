'use strict';
// A thread of the wasm engine. tfjs provides its worker's program as text to start from a blob, which
// Node cannot do; here it runs from a file, with the globals that it expects from a browser.
const { join, dirname } = require('node:path');
const threads = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js';
global.__dirname = dirname(require.resolve(threads));
// The text's only line break is inside a string literal of the program.
const program = require(threads).wasmWorkerContents.replace(/\n/g, '\\n');
new Function('require', '__filename', program)(require, __filename);
