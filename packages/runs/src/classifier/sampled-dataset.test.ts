import type { Dataset } from '@janus/data';
import { expect, it } from 'vitest';
import { sampledDataset } from './sampled-dataset.js';

/** 60 train images, a third of class b, and 6 test images. */
const ROWS = Array.from({ length: 66 }, (_, i) => ({
  id: `image-${i}`,
  path: `image-${i}.jpg`,
  status: 'kept',
  split: i < 60 ? 'train' : 'test',
  labels: { kind: i % 3 === 0 ? 'b' : 'a' },
}));
const DATASET = { folder: 'x', hash: 'h', labels: ['kind'], rows: ROWS } as unknown as Dataset;

const trainOf = ({ rows }: Dataset): readonly string[] =>
  rows.filter(({ split }) => split === 'train').map(({ id }) => id);
const sample = (trainImages: number, seed = 1, dataset = DATASET): Dataset =>
  sampledDataset(dataset, { trainImages, target: 'kind', seed });

it('a sample has the shares of the classes, leaves the other splits alone, and keeps the hash', () => {
  const sampled = sample(30);
  const chosen = sampled.rows.filter(({ split }) => split === 'train');
  expect(chosen).toHaveLength(30);
  expect(chosen.filter(({ labels }) => labels['kind'] === 'b')).toHaveLength(10);
  expect(sampled.rows.filter(({ split }) => split === 'test')).toHaveLength(6);
  expect(sampled.hash).toBe('h');
});

it('a smaller sample is part of a larger one, whatever the order of the rows; another seed draws others', () => {
  const reversed = { ...DATASET, rows: [...DATASET.rows].reverse() };
  const larger = new Set(trainOf(sample(30)));
  expect(trainOf(sample(9)).every((id) => larger.has(id))).toBe(true);
  expect([...trainOf(sample(30, 1, reversed))].sort()).toEqual([...larger].sort());
  expect(trainOf(sample(30, 2)).every((id) => larger.has(id))).toBe(false);
});

it('a small sample has an image of every class, however rare', () => {
  const rare = ROWS.map((row, i) => ({
    ...row,
    labels: { kind: i === 7 ? 'c' : row.labels.kind },
  }));
  const chosen = trainOf(sample(6, 1, { ...DATASET, rows: rare } as unknown as Dataset));
  expect(chosen).toHaveLength(6);
  expect(chosen).toContain('image-7');
});

it('a sample for several targets, or of bins or classes, is of the images that have any of them', () => {
  const rows = ROWS.map((row, i) => ({
    ...row,
    labels: { kind: i % 2 === 0 ? row.labels.kind : null, age: i % 4 === 1 ? i : null },
  }));
  const dataset = { ...DATASET, labels: ['kind', 'age'], rows } as unknown as Dataset;
  const chosenFor = (target: string, trainImages: number): readonly string[] =>
    trainOf(sampledDataset(dataset, { trainImages, target, seed: 1 }));
  const withKind = trainOf(dataset).filter((id) => Number(id.slice(6)) % 2 === 0);
  const withAge = trainOf(dataset).filter((id) => Number(id.slice(6)) % 4 === 1);
  const both = chosenFor('kind,age', 20);
  expect(both).toHaveLength(20);
  const known = [...withKind, ...withAge];
  expect(both.every((id) => known.includes(id))).toBe(true);
  expect(chosenFor('kind,age', 10).every((id) => both.includes(id))).toBe(true);
  const bins = chosenFor('age:bins', 5);
  expect(bins).toHaveLength(5);
  expect(bins.every((id) => withAge.includes(id))).toBe(true);
  expect(chosenFor('kind:classes', 9)).toEqual(chosenFor('kind', 9));
});

it('a sample of all images is the data set itself; one of none is refused', () => {
  expect(sample(60)).toBe(DATASET);
  expect(() => sample(0)).toThrow(/at least 1, but got 0/);
});
