import { expect, test } from 'vitest';
import type { PageRun } from '../page-data.js';
import { differingOptions, measureRows, overlaidCurves } from './compare-runs.js';
import { compareCells, matches } from './row-order.js';

const run = (parts: Partial<PageRun>): PageRun => ({
  ...{
    id: 'a',
    name: 'a',
    kind: 'classifier',
    command: '',
    options: {},
    measures: [],
    curves: null,
  },
  ...parts,
});

test('differingOptions tells what is not the same, and what only one has', () => {
  const first = run({ options: { head: '1x8', size: '64', seed: '1' } });
  const second = run({ options: { head: '2x8', size: '64', cut: 'block4' } });
  expect(differingOptions(first, second)).toEqual([
    { name: 'head', first: '1x8', second: '2x8' },
    { name: 'seed', first: '1', second: 'not set' },
    { name: 'cut', first: 'not set', second: 'block4' },
  ]);
});

test('measureRows has each measure once, whichever run has it', () => {
  const first = run({ measures: [{ name: 'Accuracy', text: '90 %' }] });
  const second = run({
    measures: [
      { name: 'Accuracy', text: '80 %' },
      { name: 'F', text: '1' },
    ],
  });
  expect(measureRows(first, second)).toEqual([
    { name: 'Accuracy', first: '90 %', second: '80 %' },
    { name: 'F', first: 'not measured', second: '1' },
  ]);
});

test('overlaidCurves colours runs, dashes curves of a panel, and takes no markup from a name', () => {
  const figure = {
    data: [
      { name: 'train, raw', yaxis: 'y' },
      { name: 'train', yaxis: 'y', line: { width: 2 } },
      { name: 'validation', yaxis: 'y' },
      { name: 'train', yaxis: 'y2' },
    ],
    layout: { annotations: [{ xref: 'x' }, { xref: 'paper' }], shapes: [1] },
  };
  const { data, layout } = overlaidCurves({ name: '<b>', figure }, { name: 'two', figure });
  expect(data.map(({ name, line }) => [name, line?.['color'], line?.['dash']])).toEqual([
    ['&lt;b&gt;: train', '#1f77b9', 'solid'],
    ['&lt;b&gt;: validation', '#1f77b9', 'dash'],
    ['&lt;b&gt;: train', '#1f77b9', 'solid'],
    ['two: train', '#d97a00', 'solid'],
    ['two: validation', '#d97a00', 'dash'],
    ['two: train', '#d97a00', 'solid'],
  ]);
  expect(layout).toMatchObject({ annotations: [{ xref: 'paper' }], shapes: [] });
});

test('matches finds every word in any order and case', () => {
  expect(matches('gender-vgg16 seed=1', 'SEED=1 gender')).toBe(true);
  expect(matches('gender-vgg16 seed=1', 'party')).toBe(false);
  expect(matches('anything', ' ')).toBe(true);
});

test('compareCells orders numbers by value and puts empty cells last both ways', () => {
  const order = (values: readonly string[], numeric: boolean, direction: 1 | -1): string =>
    values
      .map((value) => ({ value, numeric }))
      .sort((a, b) => compareCells(a, b, direction))
      .map(({ value }) => value)
      .join();
  expect(order(['10', '', '9'], true, 1)).toBe('9,10,');
  expect(order(['10', '', '9'], true, -1)).toBe('10,9,');
  expect(order(['run-10', 'run-9'], false, 1)).toBe('run-9,run-10');
});
