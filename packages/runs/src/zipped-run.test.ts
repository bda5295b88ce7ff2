import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRunFolder } from './zipped-run.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-zipped-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function zipOf(files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder, 'run.zip');
  const content = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  await writeFile(path, zipSync(Object.fromEntries(content)));
  return path;
}

it.each(['', 'own/', 'a/b/'])('openRunFolder unpacks a run in %j, and removes it', async (root) => {
  const files = { [`${root}run.json`]: '{}', [`${root}model/janus.json`]: 'x', 'other.txt': 'y' };
  const opened = await openRunFolder(await zipOf(files));
  expect(await readFile(join(opened.folder, 'run.json'), 'utf8')).toBe('{}');
  expect(await readFile(join(opened.folder, 'model', 'janus.json'), 'utf8')).toBe('x');
  await opened.dispose();
  expect(existsSync(opened.folder)).toBe(false);
});

it('openRunFolder leaves a folder where it is', async () => {
  const opened = await openRunFolder(folder);
  expect(opened.folder).toBe(folder);
  await opened.dispose();
  expect(existsSync(folder)).toBe(true);
});

it.each([
  ['holds no run.json', { 'a.txt': 'x' }],
  ['names a file outside of it, ../run.json', { '../run.json': '{}' }],
  ['names a file outside of it, /run.json', { '/run.json': '{}' }],
])('openRunFolder refuses a file that %s', async (what, files) => {
  await expect(openRunFolder(await zipOf(files))).rejects.toThrow(
    `run.zip: must be a run as a zip file, but ${what}.`,
  );
});

it('openRunFolder refuses what is no zip file, or not there', async () => {
  const path = join(folder, 'text.zip');
  await writeFile(path, 'no zip file');
  await expect(openRunFolder(path)).rejects.toThrow('text.zip: must be a run as a zip file');
  await expect(openRunFolder(join(folder, 'none.zip'))).rejects.toThrow('cannot be read');
});
