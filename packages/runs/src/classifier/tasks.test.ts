import { newRow, type Dataset, type ManifestRow } from '@janus/data';
import { describe, expect, it } from 'vitest';
import { targetsOf } from './tasks-targets.js';
import { imagesOfTargets, taskItems, tasksOf } from './tasks.js';

const SPLITS = ['train', 'train', 'train', 'validation', 'test'] as const;

/** People of 20 to 59, every third without an age, with classes as text and as numbers. */
const rows: readonly ManifestRow[] = Array.from({ length: 150 }, (_, i) =>
  newRow({
    id: `image-${i}`,
    path: `${i}.jpg`,
    split: SPLITS[i % 5] ?? null,
    labels: {
      gender: i % 2 === 0 ? 'female' : 'male',
      age: i % 3 === 0 ? null : 20 + (i % 40),
      group: ['0-2', '20-29', '3-19', 'more than 29'][i % 4] ?? null,
      digit: i % 10,
      'face, shape': i % 2 === 0 ? 'oval' : 'round',
    },
  }),
);
const dataset: Dataset = {
  ...{ folder: 'made', name: 'made', hash: '', rows, labels: Object.keys(rows[0]?.labels ?? {}) },
  record: { format: 1, name: '', source: '', licence: '', options: {}, steps: [] },
};
const reporter = { log: (): void => undefined };
const tasksFor = (target: string, binWidth?: number) =>
  tasksOf(dataset, targetsOf(dataset, target), {
    ...(binWidth === undefined ? {} : { binWidth }),
    reporter,
  });

describe('targetsOf', () => {
  it('tells columns of many numbers in bins, few numbers and words by classes', () => {
    const kinds = targetsOf(dataset, 'gender, age,digit').map(({ column, kind }) => [column, kind]);
    expect(kinds).toEqual([
      ['gender', 'classes'],
      ['age', 'numbers'],
      ['digit', 'classes'],
    ]);
  });

  it('tells ranges in order when they are not alone, and alone when they are asked for', () => {
    expect(targetsOf(dataset, 'group')).toEqual([{ column: 'group', kind: 'classes' }]);
    expect(targetsOf(dataset, 'group:bins')).toEqual([{ column: 'group', kind: 'ranges' }]);
    expect(targetsOf(dataset, 'group,gender')[0]?.kind).toBe('ranges');
    expect(targetsOf(dataset, 'group:classes,gender')[0]?.kind).toBe('classes');
    expect(targetsOf(dataset, 'digit:bins')).toEqual([{ column: 'digit', kind: 'numbers' }]);
  });

  it('takes a column whose name has a comma as one', () => {
    expect(targetsOf(dataset, 'face, shape')).toEqual([{ column: 'face, shape', kind: 'classes' }]);
  });

  it('refuses columns that are not there, named twice, or without numbers', () => {
    expect(() => targetsOf(dataset, 'gender,size')).toThrow(/must be a label column .*got size/);
    expect(() => targetsOf(dataset, 'age,age:bins')).toThrow(/names age twice/);
    expect(() => targetsOf(dataset, 'gender:bins')).toThrow(
      /needs a column of numbers.*female, male/,
    );
    expect(() => targetsOf(dataset, ' ,')).toThrow(/names none/);
  });
});

describe('tasksOf', () => {
  it('takes edges and centres from the training images alone', () => {
    const [age] = tasksFor('age', 10);
    expect(age?.classes).toEqual(['20-29', '30-39', '40-49', '50-59']);
    const trained = rows.flatMap(({ split, labels }) => {
      const value = labels['age'];
      return split === 'train' && typeof value === 'number' && value < 30 ? [value] : [];
    });
    const mean = trained.reduce((a, b) => a + b, 0) / trained.length;
    expect(age?.scale?.edges).toEqual([30, 40, 50]);
    expect(age?.scale?.centres[0]).toBeCloseTo(mean, 12);
  });

  it('has ranges from low to high, each stood for by its middle', () => {
    const [, group] = tasksFor('gender,group');
    expect(group?.classes).toEqual(['0-2', '3-19', '20-29', 'more than 29']);
    expect(group?.scale?.centres).toEqual([1, 11, 24.5, 33.5]);
  });

  it('refuses a width where there is no number', () => {
    expect(() => tasksFor('gender,group', 5)).toThrow(/--bin-width: needs a target of numbers/);
  });
});

describe('taskItems', () => {
  const tasks = tasksFor('age,group', 10);

  it('keeps images with a label of any target; the others are -1', () => {
    const items = taskItems(dataset, tasks, { split: 'train' });
    expect(items).toHaveLength(90);
    const { labels, values } = items.find(({ id }) => id === 'image-0') ?? {};
    expect([labels, values]).toEqual([
      [-1, 0],
      [null, 1],
    ]);
    expect(items.find(({ id }) => id === 'image-1')).toMatchObject({
      ...{ labels: [0, 2], values: [21, 24.5], label: 0 },
    });
  });

  it('reads another data set: numbers where ranges were learned, ranges where numbers were', () => {
    const labels = { age: '30-39', group: 12 };
    const other = { ...dataset, rows: [newRow({ id: 'a', path: 'a.jpg', labels })] };
    expect(taskItems(other, tasks)[0]).toMatchObject({ labels: [1, 1], values: [34.5, 12] });
  });

  it('has the images that a run keeps as its own', () => {
    const ids = imagesOfTargets(dataset, 'age,gender:classes', { split: 'test' });
    expect(ids).toHaveLength(30);
    expect(imagesOfTargets(dataset, 'age', { split: 'test' })).toHaveLength(20);
  });
});
