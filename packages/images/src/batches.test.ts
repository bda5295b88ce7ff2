import { FIRST_BATCH, type BatchSource } from '@janus/core';
import { expect, it } from 'vitest';
import { labelledBatches } from './batches.js';
import { pairedBatches, unpairedBatches } from './domain-batches.js';
import type { DecodedImages } from './planned-batches.js';

function made(count: number, name: string): DecodedImages {
  const size = 2;
  return {
    ids: Array.from({ length: count }, (_, i) => `${name}${i}`),
    pixels: Uint8Array.from({ length: count * size * size * 3 }, (_, i) => (i * 7) % 256),
    size,
  };
}

async function take<T>(source: BatchSource<T>, count: number, from = FIRST_BATCH): Promise<T[]> {
  const taken: T[] = [];
  for await (const batch of source.batches(from)) {
    taken.push(batch);
    if (taken.length === count) break;
  }
  return taken;
}

it('an epoch of labelled batches holds every image once, with its own label', async () => {
  const source = labelledBatches({
    images: made(7, 'a'),
    labels: [0, 1, 0, 1, 0, 1, 0],
    batchSize: 3,
    seed: 1,
  });
  expect(source.stepsPerEpoch).toBe(3);
  const batches = await take(source, 3);
  expect(batches.map((batch) => batch.size)).toEqual([3, 3, 1]);
  const ids = batches.flatMap((batch) => batch.ids);
  expect([...ids].sort()).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
  const labels = batches.flatMap((batch) => [...batch.labels]);
  ids.forEach((id, i) => {
    expect(labels[i]).toBe(Number(id.slice(1)) % 2);
  });
});

it('batches from any cursor are the tail of the batches from the start', async () => {
  const source = unpairedBatches({
    imagesX: made(5, 'x'),
    imagesY: made(3, 'y'),
    batchSize: 2,
    seed: 9,
  });
  const all = await take(source, 7);
  for (let i = 0; i < 6; i++) {
    const tail = await take(source, 6 - i, all[i]?.next);
    expect(tail).toEqual(all.slice(i + 1));
  }
});

it('a mirrored image is mirrored left to right and only then differs', async () => {
  const images = made(1, 'm');
  const source = labelledBatches({ images, labels: [0], batchSize: 1, seed: 3, flip: true });
  const seen = (await take(source, 24)).map((batch) => [...batch.images].join());
  const p = [...images.pixels];
  const mirrored = [...p.slice(3, 6), ...p.slice(0, 3), ...p.slice(9, 12), ...p.slice(6, 9)].join();
  expect(new Set(seen)).toEqual(new Set([p.join(), mirrored]));
});

it('pairs stay together, are mirrored together, and resume at any batch', async () => {
  const [imagesX, imagesY] = [made(5, 'x'), made(5, 'y')];
  const source = pairedBatches({ imagesX, imagesY, batchSize: 2, seed: 4 });
  expect(source.stepsPerEpoch).toBe(2);
  const all = await take(source, 6);
  for (const batch of all) {
    expect(batch.idsY).toEqual(batch.idsX.map((id) => id.replace('x', 'y')));
    // Both sets have the same pixels, so a change of one alone would show.
    expect(batch.imagesY).toEqual(batch.imagesX);
  }
  expect(new Set(all.slice(0, 2).flatMap(({ idsX }) => idsX)).size).toBe(4);
  expect(await take(source, 3, all[2]?.next)).toEqual(all.slice(3));
  expect(() => pairedBatches({ imagesX, imagesY: made(4, 'y'), batchSize: 2, seed: 4 })).toThrow(
    /as many images, but have 5 and 4/,
  );
});
