/** Tables of a sweep, in TypeScript too. */
import { extname } from 'node:path';
import { readSweepRows } from '@janus/runs';

/** Reads a table's rows as {@link readSweepRows} does, from TypeScript too, which this process may have no loader for yet. */
export async function readSweepTable(path: string): ReturnType<typeof readSweepRows> {
  if (['.ts', '.mts'].includes(extname(path))) await loadTypeScript();
  return await readSweepRows(path);
}

let loading: Promise<void> | undefined;

async function loadTypeScript(): Promise<void> {
  // Started through the loader, not from a bundle (bin/launch.mjs).
  if (process.execArgv.includes('--import')) return;
  await (loading ??= register());
}

/** Registers the loader: a file is a module or CommonJS, as the package.json above it says. */
async function register(): Promise<void> {
  const modules = await import('tsx/esm/api');
  const commonJs = await import('tsx/cjs/api');
  modules.register();
  commonJs.register();
}
