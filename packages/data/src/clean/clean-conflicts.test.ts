/** Copies of one image in the classes of a set with one label. */
import { expect, it } from 'vitest';
import { cleanDataset } from './clean.js';
import { patches, reasonsOf, setOf } from './clean.fixture.js';

it('copies of one image must agree in the only label of a set, and are shown where they do not', async () => {
  const image = patches(80);
  const other = patches(81);
  const files = {
    'a.png': image,
    'b.png': image,
    'c.png': other,
    'd.png': other,
    'e.png': other,
  };
  const small = await other.clone().resize(48, 40, { kernel: 'nearest' }).png().toBuffer();
  const folder = await setOf('one-label', { ...files, 'e.png': small }, [
    { image: 'a.png', class: 'cat' },
    { image: 'b.png', class: 'dog' },
    { image: 'c.png', class: 'cat' },
    { image: 'd.png', class: '' },
    { image: 'e.png', class: 'cat' },
  ]);
  const result = await cleanDataset(folder, { nearDuplicates: null });
  expect(result.conflicts).toEqual({
    groups: 1,
    images: 2,
    columns: ['class'],
    shown: [
      [
        { id: 'a.png', labels: ['cat'] },
        { id: 'b.png', labels: ['dog'] },
      ],
    ],
  });
  const both = { a: 'conflicting labels', b: 'conflicting labels' };
  // A copy without a label contradicts nothing.
  expect(await reasonsOf(folder)).toEqual({ ...both, c: null, d: 'duplicate', e: null });
  expect((await cleanDataset(folder, { conflicts: 'keep-first' })).reasons).toMatchObject({
    'conflicting labels': 1,
  });
  expect(await reasonsOf(folder)).toMatchObject({ a: null, b: 'conflicting labels' });
});

it('near duplicates must agree too', async () => {
  const large = await patches(82).png().toBuffer();
  const copy = await patches(82).png({ compressionLevel: 1 }).toBuffer();
  const folder = await setOf('one-label-near', { 'a.png': large, 'b.png': copy }, [
    { image: 'a.png', class: 'cat' },
    { image: 'b.png', class: 'dog' },
  ]);
  const both = { a: 'conflicting labels', b: 'conflicting labels' };
  await cleanDataset(folder);
  expect(await reasonsOf(folder)).toEqual(both);
  await cleanDataset(folder, { nearDuplicates: null });
  expect(await reasonsOf(folder)).toEqual({ a: null, b: null });
});
