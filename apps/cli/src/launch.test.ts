/** How a program is started from its sources. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { programArguments } from '../bin/launch.mjs';

let root = '';
let main = '';
let kept: string | undefined;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-launch-'));
  main = join(root, 'src', 'main.ts');
  await mkdir(dirname(main));
  await write('main.ts', MAIN);
  await write('word.ts', "export const word: string = 'first';\n");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(root, { recursive: true, force: true });
  if (kept !== undefined) await rm(kept, { recursive: true, force: true });
  kept = undefined;
});

const MAIN = `import { Command } from 'commander';
import { word } from './word.js';
console.log(JSON.stringify([word, new Command('import.meta.url').name(), import.meta.url]));
`;

/** Writes a source as if it had been there for a while: one that is newer than its bundle is not kept. */
async function write(name: string, text: string): Promise<void> {
  const path = join(root, 'src', name);
  await writeFile(path, text);
  const before = new Date(Date.now() - 1000);
  await utimes(path, before, before);
}

async function bundleOf(): Promise<string> {
  const args = await programArguments(main);
  const bundle = args.at(-1) ?? '';
  expect(basename(bundle)).toBe('main.mjs');
  kept = dirname(dirname(bundle));
  return bundle;
}

async function printed(): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, await programArguments(main));
  return JSON.parse(stdout);
}

it('is bundled once, and again when a source has changed; each module knows its own file', async () => {
  const first = await bundleOf();
  expect(await printed()).toEqual(['first', 'import.meta.url', pathToFileURL(main).href]);
  expect(await bundleOf()).toBe(first);
  await write('word.ts', "export const word: string = 'another';\n");
  expect(await bundleOf()).not.toBe(first);
  expect(await printed()).toEqual(['another', 'import.meta.url', pathToFileURL(main).href]);
  expect((await readdir(kept ?? '')).filter((name) => name.startsWith('.'))).toEqual([]);
});

it('goes through the loader where no bundle can be made, or none is wanted', async () => {
  const loader = ['--import', expect.stringContaining('tsx') as string, main];
  vi.stubEnv('JANUS_BUNDLE', '0');
  expect(await programArguments(main)).toEqual(expect.arrayContaining(loader));
  vi.unstubAllEnvs();
  await bundleOf();
  await write('word.ts', 'export const word: string = ;\n');
  expect(await programArguments(main)).toEqual(expect.arrayContaining(loader));
});
