import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readParts, writeParts, type RunParts } from './parts-record.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-parts-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const PARTS: RunParts = {
  format: 1,
  domains: {
    images: {
      title: 'faces',
      parts: { train: [['a', 'aa']], validation: [], test: [['b', null]] },
    },
  },
};

it('parts come back as they were written, and are undefined where there are none', async () => {
  expect(await readParts(folder)).toBeUndefined();
  await writeParts(folder, PARTS);
  expect(await readParts(folder)).toEqual(PARTS);
});

it('parts that were changed since are refused', async () => {
  await writeParts(folder, PARTS);
  const path = join(folder, 'parts.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"b"', '"c"'));
  await expect(readParts(folder)).rejects.toThrow(/parts\.json: must be as training wrote it/);
});
