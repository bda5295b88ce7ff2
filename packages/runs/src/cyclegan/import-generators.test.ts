import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeImage, writeImage } from '@janus/images';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { translateImages } from '../translate/translate-images.js';
import { importGenerators } from './import-generators.js';
import { readCycleGanRun } from './options.js';

/** A random generator of 3 filters and 2 blocks; `tools/oracles/cyclegan_step.py` wrote it. */
const GENERATOR = fileURLToPath(
  new URL('../../../models/src/cyclegan/fixtures/generator.safetensors', import.meta.url),
);

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-import-'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

it('makes a run that translates', async () => {
  const folder = join(root, 'run');
  const context = { folder, engine: 'js' } as const;
  const made = await importGenerators({ xToY: GENERATOR, size: 16 }, context);
  expect(made.generators).toEqual(['resnet-2 of 3 filters, norm instance']);
  const { options, status } = await readCycleGanRun(folder);
  expect(status).toBe('finished');
  expect(options).toMatchObject({ imageSize: 16, generatorBlocks: 2, generatorFilters: 3 });
  const photo = join(root, 'grey.png');
  await writeImage(photo, { pixels: new Uint8Array(16 * 16 * 3).fill(90), width: 16, height: 16 });
  const out = join(root, 'out');
  const { rows } = await translateImages(folder, [photo], { out, fit: 'square', engine: 'js' });
  const fake = await decodeImage(rows[0]?.out ?? '', 16);
  expect(new Set(fake).size).toBeGreaterThan(1);
  await expect(importGenerators({ xToY: GENERATOR }, context)).rejects.toThrow(
    /holds a run already/,
  );
});

it('says what a file must be', async () => {
  const missing = join(root, 'none.safetensors');
  await expect(importGenerators({ xToY: missing })).rejects.toThrow(
    `${missing}: must be a safetensors file, but cannot be read.`,
  );
});
