import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readRunDrawings, writeRunDrawings, type RunDrawing } from './run-drawings.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-drawings-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const drawing: RunDrawing = {
  id: 'networks',
  caption: 'Layers.',
  figure: { data: [{ type: 'scatter', x: [1, 2] }], layout: { height: 300, title: { text: 'A' } } },
};

test('drawings come back as they were written, and a run without them has none', async () => {
  expect(await readRunDrawings(folder)).toEqual([]);
  await writeRunDrawings(folder, [drawing]);
  expect(await readRunDrawings(folder)).toEqual([drawing]);
});

test('a damaged file is named, with the way out', async () => {
  await writeFile(join(folder, 'networks.json'), '{"format":1,"drawings":[{"id":"other"}]}');
  await expect(readRunDrawings(folder)).rejects.toThrow(
    /networks\.json: drawings\.0\.id .* Delete it/,
  );
});
