// The kernel's process: brings the built packages up to date with their sources, then runs tslab.
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackages } from '../../tools/build-packages.mjs';

const [, , connectionFile] = process.argv;
// Cells import what can be imported from the folder of the notebooks, wherever the kernel was started.
process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
await buildPackages({ report: (line) => console.error(line) });
const require = createRequire(import.meta.url);
const tslab = require.resolve('tslab/bin/tslab');
process.argv = [process.execPath, tslab, 'kernel', '--config-path', connectionFile];
require(tslab);
