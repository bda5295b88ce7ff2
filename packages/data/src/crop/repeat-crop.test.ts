import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { imagePathOf, readManifest } from '../manifest/manifest.js';
import { newRow } from '../manifest/manifest-row.js';
import { writeManifestStream } from '../manifest/manifest-stream.js';
import { writeDatasetRecord } from '../record/record-step.js';
import { cropDataset } from './crop-dataset.js';
import { openCrops } from './repeat-crop.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-repeat-crop-'));
  const pixels = Buffer.from(Array.from({ length: 60 * 60 * 3 }, (_, i) => (i * 7) % 251));
  const raw = { width: 60, height: 60, channels: 3 as const };
  await sharp(pixels, { raw }).png().toFile(join(root, 'image.png'));
  const box = { x1: 5, y1: 6, x2: 45, y2: 46 };
  await writeManifestStream(root, [newRow({ id: 'a', path: 'image.png', labels: {}, ...box })]);
  await writeDatasetRecord(root, {
    ...{ format: 1, name: 'test', source: 'test', licence: 'none', options: {}, steps: [] },
  });
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

it('openCrops gives the bytes of the crop again', async () => {
  const original = await readFile(join(root, 'image.png'));
  await cropDataset(root, { size: 24 });
  const [row] = await readManifest(root);
  const path = imagePathOf(root, row?.path ?? '');
  const crop = await openCrops(root);
  expect(await crop({ id: 'a', path }, original)).toEqual(await readFile(path));
});

it('openCrops leaves images as they are where nothing was cropped', async () => {
  const original = await readFile(join(root, 'image.png'));
  const path = join(root, 'image.png');
  expect(await (await openCrops(root))({ id: 'a', path }, original)).toBe(original);
  await cropDataset(root, { size: 24 });
  expect(await (await openCrops(root))({ id: 'a', path }, original)).toBe(original);
});
