import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  cacheFolder,
  sha256OfFile,
  temporaryNameFor,
  withoutTemporaryNames,
  writeFileAtomic,
} from './files.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-files-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

it('writeFileAtomic replaces a file and leaves no temporary name', async () => {
  const path = join(folder, 'deep', 'file.txt');
  await writeFileAtomic(path, 'one');
  await writeFileAtomic(path, 'two');
  expect(await readFile(path, 'utf8')).toBe('two');
  expect(await readdir(join(folder, 'deep'))).toEqual(['file.txt']);
});

it('writeFileAtomic leaves the old file when the new one cannot be put in its place', async () => {
  const path = join(folder, 'taken');
  await writeFileAtomic(join(path, 'inside'), 'kept');
  await expect(writeFileAtomic(path, 'new')).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['taken']);
  expect(await readFile(join(path, 'inside'), 'utf8')).toBe('kept');
});

it('sha256OfFile equals the published digest of "abc"', async () => {
  const path = join(folder, 'abc');
  await writeFile(path, 'abc');
  // FIPS 180-4, example B.1
  expect(await sha256OfFile(path)).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

it('cacheFolder prefers its own variable over the shared one', () => {
  expect(cacheFolder({ JANUS_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
  expect(cacheFolder({ JANUS_CACHE: 'a' })).toBe(join(process.cwd(), 'a'));
  expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe(join('/b', 'janus'));
});

it('withoutTemporaryNames restores the names that a user gave', () => {
  expect(withoutTemporaryNames(join(temporaryNameFor('/a/out'), 'x.png'))).toBe('/a/out/x.png');
  expect(withoutTemporaryNames(temporaryNameFor('run'))).toBe('run');
  expect(withoutTemporaryNames('/a/.cache/b.tmp')).toBe('/a/.cache/b.tmp');
});
