import { streamOf } from '@janus/core';
import { useEngine } from '@janus/engine';
import type { ProbePart } from '@janus/models';
import { beforeAll, describe, expect, it } from 'vitest';
import { probePart, type ProbeInput, type ProbeRow } from './probe-rows.js';
import { scaledColumns } from './scaled-columns.js';

const N = 90;
const FOLDS = 3;

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

const part = (from: number, length: number): ProbePart => ({
  ...{ cut: 'block1', pooling: 'average', from, length },
});

/** Images whose numbers are drawn by `draw`, each of an identity of its own, dealt to the folds in turn. */
function inputOf(
  columns: number,
  draw: (row: number, column: number, normal: () => number) => number,
  given: Partial<ProbeInput> = {},
): ProbeInput {
  const stream = streamOf(1, 'probe test');
  const labels = given.labels ?? Array.from({ length: N }, (_, i) => i % 2);
  const data = Float32Array.from({ length: labels.length * columns }, (_, at) =>
    draw(Math.floor(at / columns), at % columns, () => stream.normal()),
  );
  return {
    ...{ data, columns, labels, classes: 2 },
    clusters: labels.map((_, i) => `person ${i}`),
    folds: labels.map((_, i) => Math.floor(i / 2) % FOLDS),
    ...given,
  };
}

const standard = async (input: ProbeInput, of = part(0, input.columns)): Promise<ProbeRow> =>
  await probePart(input, { part: of, normalisation: 'standard' });

describe('probePart', () => {
  it('finds the part that carries the label, and chance in the one that does not', async () => {
    const input = inputOf(8, (row, column, normal) => normal() + (column >= 4 ? 4 * (row % 2) : 0));
    const noise = await standard(input, part(0, 4));
    const carries = await standard(input, part(4, 4));
    expect(carries.accuracy.value).toBeGreaterThan(0.95);
    expect(carries.loss).toBeLessThan(0.1);
    expect(carries.accuracy.low).toBeLessThanOrEqual(carries.accuracy.value);
    expect(noise.accuracy.low).toBeLessThan(0.5);
    expect(noise.loss).toBeGreaterThan(0.6);
    expect(carries).toMatchObject({ cut: 'block1', features: 4, normalisation: 'standard' });
  });

  it('predicts images of people that are in other folds, whom the fit has not seen', async () => {
    // Three images a person, all alike; who has which label is chance.
    const person = (row: number): number => Math.floor(row / 3);
    const labels = Array.from({ length: N }, (_, i) => (Math.imul(person(i), 7919) >> 3) & 1);
    const draw = (row: number, column: number): number => (person(row) === column ? 1 : 0);
    const clusters = labels.map((_, i) => `person ${person(i)}`);
    const mixed = inputOf(30, draw, { labels, clusters, folds: labels.map((_, i) => i % FOLDS) });
    const grouped = { ...mixed, folds: labels.map((_, i) => person(i) % FOLDS) };
    expect((await standard(mixed)).accuracy.value).toBe(1);
    expect((await standard(grouped)).accuracy.value).toBeLessThan(0.75);
  });

  it('counts each class as much, however rare: what says nothing has the loss of a coin', async () => {
    const labels = Array.from({ length: N }, (_, i) => (i % 10 === 0 ? 1 : 0));
    const row = await standard(inputOf(2, () => 5, { labels }));
    expect(row.loss).toBeCloseTo(Math.LN2, 3);
    expect(row.balancedAccuracy.value).toBe(0.5);
  });

  it('predicts a class that other folds lack wrong, at a finite loss', async () => {
    const labels = Array.from({ length: N }, (_, i) => (i < 9 ? 2 : i % 2));
    const folds = labels.map((label, i) => (label === 2 ? 0 : i % FOLDS));
    const input = inputOf(3, (i, column, normal) => 5 * Number(labels[i] === column) + normal(), {
      ...{ labels, folds, classes: 3 },
    });
    const row = await standard(input);
    expect(Number.isFinite(row.loss)).toBe(true);
    expect(row.loss).toBeGreaterThan(1);
    expect(row.balancedAccuracy.value).toBeCloseTo(2 / 3, 1);
  });

  it('tries weaker penalties where the weakest is best, and stronger ones where the strongest is', async () => {
    const clear = await standard(inputOf(1, (row) => (row % 2 === 0 ? -1 : 1)));
    expect(clear.penalty).toBeLessThan(0.01);
    // Column c agrees with the label in all folds but c, where it contradicts it: any weight misleads.
    const fold = (row: number): number => Math.floor(row / 2) % FOLDS;
    const misleading = inputOf(
      FOLDS,
      (row, column) => (row % 2 === 0 ? -1 : 1) * (column === fold(row) ? -1 : 1),
    );
    expect((await standard(misleading)).penalty).toBeGreaterThan(3);
  });

  it('needs images of two folds', async () => {
    const folds = Array.from({ length: N }, () => 0);
    await expect(standard(inputOf(1, (row) => row, { folds }))).rejects.toThrow(
      /must be in at least two folds/,
    );
  });
});

describe('scaledColumns', () => {
  const input = { data: Float32Array.of(9, 0, 4, 9, 16, -9), columns: 3 };

  it('standard: each column to mean 0 and deviation 1, and what never changes to 0', () => {
    const found = scaledColumns(input, { part: part(0, 3), normalisation: 'standard' });
    expect([...found]).toEqual([-1, -1, 1, 1, 1, -1].map((each, at) => (at % 3 === 0 ? 0 : each)));
  });

  it('sqrt-l2: signed roots of mean square 1 in each row, then less the means of the columns', () => {
    const found = scaledColumns(input, { part: part(1, 2), normalisation: 'sqrt-l2' });
    // Rows (0, 4) and (16, -9): roots (0, 2) and (4, -3), scaled by the roots of 2 / 4 and 2 / 25.
    const roots = [0, 2 * Math.sqrt(2 / 4), 4 * Math.sqrt(2 / 25), -3 * Math.sqrt(2 / 25)];
    const [a = 0, b = 0, c = 0, d = 0] = roots;
    [(a - c) / 2, (b - d) / 2, (c - a) / 2, (d - b) / 2].forEach((each, at) => {
      expect(found[at]).toBeCloseTo(each, 6);
    });
  });
});
