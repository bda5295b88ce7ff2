import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_BATCH, type BatchSource } from '@janus/core';
import { openImages } from './open-images.js';
import {
  augment,
  AUGMENTATIONS,
  drawAugmentation,
  labelledBatches,
  pixelsOf,
  unpairedBatches,
  type ImageSet,
} from '@janus/images';
import { makeDataset } from '../made-dataset.fixture.js';
import { imagePathOf, readManifest } from '../manifest/manifest.js';
import { updateManifest } from '../manifest/manifest-stream.js';
import { packDataset } from './pack-dataset.js';

const SIZE = 16;
const BYTES = SIZE * SIZE * 3;
let root = '';
let folder = '';
let items: readonly { readonly id: string; readonly path: string }[] = [];
/** The same images in memory, read from a pack, decoded when wanted. */
let sets: Readonly<Record<'cached' | 'packed' | 'files', ImageSet>>;
const lines: string[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-set-'));
  folder = join(root, 'made');
  await makeDataset(folder, 9);
  items = (await readManifest(folder)).map(({ id, path }) => ({
    id,
    path: imagePathOf(folder, path),
  }));
  const memoryBytes = 9 * BYTES;
  const options = { size: SIZE, folder, memoryBytes, line: (text: string) => lines.push(text) };
  const cached = await openImages(items, options);
  const files = await openImages(items, { ...options, memoryBytes: memoryBytes - 1 });
  await packDataset(folder, { size: SIZE, workers: 1 });
  sets = { cached, files, packed: await openImages(items, options) };
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function take<T>(source: BatchSource<T>, count: number, from = FIRST_BATCH): Promise<T[]> {
  const taken: T[] = [];
  for await (const batch of source.batches(from)) {
    taken.push(batch);
    if (taken.length === count) break;
  }
  return taken;
}

describe('openImages', () => {
  it('keeps what it decodes, decodes again where memory is short, reads a pack, and says so', () => {
    expect([sets.cached, sets.files, sets.packed].map(({ source }) => source.kind)).toEqual([
      'cached',
      'files',
      'packed',
    ]);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(
      `Images: 9 of 16 px take 0 MB, more than the memory available (0 MB); decoding in every epoch. \`npx janus data pack ${folder} --size 16\` is quicker.`,
    );
    expect(lines[1]).toMatch(/^Images: 9 from .*packed\/16px-[0-9a-f]{16}$/);
  });

  it('gives the same pixels whichever it is', async () => {
    const pixels = await pixelsOf(sets.cached);
    expect(await pixelsOf(sets.files)).toEqual(pixels);
    expect(await pixelsOf(sets.packed)).toEqual(pixels);
  });

  it('decodes, and says why, when the pack is of other images; says nothing where there is none', async () => {
    const said: string[] = [];
    const open = async (of: string): Promise<ImageSet> =>
      await openImages(items, {
        ...{ size: SIZE, folder: of, memoryBytes: 9 * BYTES },
        line: (text) => said.push(text),
      });
    const { sha256 } = (await readManifest(folder))[0] ?? {};
    await updateManifest(folder, [{ id: items[0]?.id ?? '', sha256: '0'.repeat(64) }]);
    const stale = await open(folder);
    await updateManifest(folder, [{ id: items[0]?.id ?? '', sha256: sha256 ?? null }]);
    expect(stale.source.kind).toBe('cached');
    expect(said).toEqual([
      `Images: the pack of 16 px is stale, it lacks 1 of 9 images as they are now; decoding. Run \`npx janus data pack ${folder} --size 16\` to read instead.`,
    ]);
    expect((await open(join(root, 'none'))).source.kind).toBe('cached');
    expect(said).toHaveLength(1);
  });
});

describe('batches', () => {
  it('are the same from memory, from a pack and from files, changed in every way', async () => {
    for (const changes of [{}, { flip: true }, { augment: AUGMENTATIONS }]) {
      const of = async (set: ImageSet) =>
        await take(
          labelledBatches({
            ...{ images: set, labels: items.map((_, i) => i), batchSize: 4, seed: 5 },
            ...changes,
          }),
          7,
        );
      const expected = await of(sets.cached);
      expect(await of(sets.packed)).toEqual(expected);
      expect(await of(sets.files)).toEqual(expected);
    }
  });

  it('of two sets are the same too, and begin anywhere', async () => {
    const of = (set: ImageSet) =>
      unpairedBatches({
        ...{ imagesX: set, imagesY: set, batchSize: 2, seed: 5 },
        augment: ['flip', 'crop'],
      });
    const expected = await take(of(sets.cached), 6);
    expect(await take(of(sets.packed), 6)).toEqual(expected);
    expect(await take(of(sets.files), 3, expected[2]?.next)).toEqual(expected.slice(3));
  });

  it('are changed as drawn for each image and epoch', async () => {
    const source = labelledBatches({
      ...{ images: sets.packed, labels: [], batchSize: 9, seed: 2, augment: ['colour', 'cutout'] },
    });
    const pixels = await pixelsOf(sets.cached);
    for (const [epoch, batch] of (await take(source, 2)).entries()) {
      batch.ids.forEach((id, i) => {
        const index = items.findIndex((item) => item.id === id);
        const image = { pixels: pixels.slice(index * BYTES, (index + 1) * BYTES), size: SIZE };
        const draw = drawAugmentation(['colour', 'cutout'], { seed: 2, epoch, id, size: SIZE });
        expect(batch.images.slice(i * BYTES, (i + 1) * BYTES)).toEqual(augment(image, draw));
      });
    }
  });
});
