'use strict';
// A thread of the wasm engine. tfjs hands its worker's program out as text, to be started from a
// blob, which Node cannot; here it runs as a file, with the names that it expects of a browser.
const { join, dirname } = require('node:path');
const threads = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js';
global.__dirname = dirname(require.resolve(threads));
// The text's one line break stands inside a string of the program.
const program = require(threads).wasmWorkerContents.replace(/\n/g, '\\n');
new Function('require', '__filename', program)(require, __filename);
