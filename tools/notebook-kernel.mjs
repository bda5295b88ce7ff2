// The kernel's entry where Jupyter finds it: in the environment of the notebooks, or the user's own folder.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsFor } from '@janus/engine/environment.cjs';

/**
 * Writes a kernel.json from that of `notebooks/kernel`, which starts this Node from any working directory.
 *
 * @param {string} notebooks the folder `notebooks`
 * @param {{ into: string, name: string, title?: string }} options `into`: Jupyter's folder of kernels; `name`: of this
 * one; `title`: what a list of kernels shows, default that of the file
 * @returns {string} the file
 */
export function writeKernel(notebooks, { into, name, title }) {
  const kernel = JSON.parse(readFileSync(join(notebooks, 'kernel', 'kernel.json'), 'utf8'));
  const [, start, ...flags] = kernel.argv;
  const entry = {
    ...kernel,
    argv: [process.execPath, join(notebooks, start), ...flags],
    display_name: title ?? kernel.display_name,
    // What the C library and TensorFlow read when the kernel's process starts.
    env: { ...kernel.env, ...settingsFor(process.env) },
  };
  const folder = join(into, name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'kernel.json');
  // Under another name first: a kernel that starts meanwhile reads the whole file, old or new.
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(entry, null, 2)}\n`);
  renameSync(unfinished, file);
  return file;
}
