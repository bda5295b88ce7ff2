import { permutationOf, streamOf } from '@janus/core';
import { newRow, type ManifestRow } from '@janus/data';
import { expect, it } from 'vitest';
import { pretrainParts } from './pretrain-parts.js';

const rowsOf = (
  count: number,
  more: (i: number) => Partial<ManifestRow> = () => ({}),
): readonly ManifestRow[] =>
  Array.from({ length: count }, (_, i) => ({
    ...newRow({ id: `${i}`, path: `${i}.jpg`, labels: {} }),
    ...more(i),
  }));

it('a tenth of images of different people is the beginning of an order drawn by the seed', () => {
  const rows = rowsOf(40, (i) => ({ identity: `person ${i}`, sha256: `${i}` }));
  const drawn = permutationOf(40, streamOf(3, 'pretrain', 'aside')).slice(0, 4);
  const { train, validation } = pretrainParts(rows, { seed: 3, place: 'made' });
  expect(validation.map(({ id }) => Number(id))).toEqual([...drawn].sort((a, b) => a - b));
  expect(train).toHaveLength(36);
});

it('images of one person, and copies, are on one side', () => {
  const links: readonly ((i: number) => Partial<ManifestRow>)[] = [
    (i) => ({ identity: `person ${i >> 1}` }),
    (i) => ({ sha256: `${i >> 1}` }),
    // Hashes of two neighbours differ in the last bit, those of others in 8 or more.
    (i) => ({ phash: `${((i >> 1) * 0x101).toString(16).padStart(4, '0').repeat(3)}000${i % 2}` }),
  ];
  for (const link of links) {
    const { validation } = pretrainParts(rowsOf(40, link), { seed: 1, place: 'made' });
    const pairs = validation.map(({ id }) => Number(id) >> 1);
    expect([validation.length, new Set(pairs).size]).toEqual([4, 2]);
  }
});

it('takes a whole person where nobody has few images, and refuses one person alone', () => {
  const of = (people: number): Record<'train' | 'validation', readonly ManifestRow[]> =>
    pretrainParts(
      rowsOf(12, (i) => ({ identity: `${i % people}` })),
      { seed: 1, place: 'made' },
    );
  expect(of(3).validation).toHaveLength(4);
  expect(() => of(1)).toThrow(/^made: must have images of two people or more/);
});
