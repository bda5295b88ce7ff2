import { expect, test } from 'vitest';
import { cleaningFlow } from './cleaning-flow.js';
import { dataSetFlow } from './data-set-figures.js';

const STEPS = [
  { name: 'Fetched', rows: 80, rejected: 20, reasons: { 'HTTP <404>': 20 } },
  { name: 'Cleaned', rows: 50, rejected: 30, reasons: { blank: 10, twice: 20, never: 0 } },
];

/** Upper and lower edge of a path of a stream, at its two ends. */
const endsOf = (path: unknown): readonly number[] =>
  [...String(path).matchAll(/,(-?[\d.]+)(?= C| L| Z)/g)].map(([, y]) => Number(y));

test('cleaningFlow draws streams as thick as their rows, the last step highest below the rows in use', () => {
  const { data, layout } = cleaningFlow(STEPS);
  const trimmed = (data[0]?.text as string[]).map((text) => text.trim());
  expect(trimmed).toEqual([
    'twice: 20 (20.0 %)',
    'blank: 10 (10.0 %)',
    'in use: 50 (50.0 %)',
    'HTTP &lt;404&gt;: 20 (20.0 %)',
  ]);
  const y = data[0]?.y as number[];
  expect(y[0]).toBeGreaterThan(y[1]!);
  expect(y[1]).toBeGreaterThan(y[3]!);
  expect(data[0]?.x).toEqual([2.03, 2.03, 2.03, 1.03]);
  const paths = (layout.shapes ?? []).filter((shape) => shape['type'] === 'path');
  expect(paths).toHaveLength(5);
  // 200 px are the 100 rows of the source: the twenty leave the fifty in use at 100 px and are 40 px thick.
  const [from, , to] = endsOf(paths[0]?.['path']);
  expect([from, to]).toEqual([-100, -266]);
  expect((layout.annotations ?? []).map((each) => each['text'])).toEqual([
    ...['source', 'Fetched', 'Cleaned'],
  ]);
});

test('cleaningFlow sums up rare reasons, and refuses to draw nothing', () => {
  const reasons = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`r${i}`, 20 - i]));
  const rejected = Object.values(reasons).reduce((a, b) => a + b);
  const { data } = cleaningFlow([{ name: 'Cleaned', rows: 100, rejected, reasons }]);
  // 10 + 9 + 8 of the rules after the tenth.
  expect(data[0]?.text?.[10]).toContain('3 other reasons: 27');
  expect(() => cleaningFlow([])).toThrow('must begin with rows');
});

test('dataSetFlow shows the steps that removed rows, and nothing where none did', () => {
  const kept = { step: 'split', rows: 60, rejected: 0, reasons: {} };
  const removed = { step: 'clean', rows: 60, rejected: 30, reasons: { blank: 30 } };
  const flow = dataSetFlow({ steps: [removed, kept] });
  expect(flow?.layout.annotations?.map((each) => each['text'])).toEqual(['source', 'Cleaned']);
  expect(dataSetFlow({ steps: [kept] })).toBeUndefined();
});
