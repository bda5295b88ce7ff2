import type { StepRecord } from '@janus/core';
import { describe, expect, test } from 'vitest';
import { accuracyIntervals } from './accuracy.js';
import { confusionFigure } from './confusion.js';
import { histogram, labelDistribution, splitBalance } from './distributions.js';
import { axisOf, type Figure } from './figure.js';
import { ganLosses, lossGroupOf } from './gan-losses.js';
import { learningCurves } from './learning-curves.js';
import { learningRates } from './learning-rates.js';
import { pageOf, pageStyle } from './page-shell.js';
import { smooth } from './series.js';

const step = (parts: Partial<StepRecord>): StepRecord => ({
  kind: 'step',
  step: 1,
  epoch: 1,
  losses: {},
  learningRate: 1e-3,
  seconds: 0,
  ...parts,
});

const traceOf = (figure: Figure, name: string, yaxis?: string): Figure['data'][number] =>
  figure.data.find(
    (trace) => trace.name === name && (yaxis === undefined || trace['yaxis'] === yaxis),
  )!;

const titleOf = (figure: Figure): string => (figure.layout['title'] as { text: string }).text;

describe('learningCurves', () => {
  const head = [1, 2, 3].flatMap((i) => [
    step({ step: i, phase: 'head', split: 'train', losses: { crossEntropy: 1 / i } }),
    step({
      step: i,
      kind: 'epoch',
      phase: 'head',
      split: 'validation',
      losses: { crossEntropy: 1.5 / i },
      metrics: { accuracy: 0.5 + i / 10 },
    }),
  ]);

  test('puts the loss of steps and the validation of epochs on one axis of updates', () => {
    const figure = learningCurves(head);
    expect(traceOf(figure, 'train')).toMatchObject({ x: [1, 2, 3], y: [1, 1 / 2, 1 / 3] });
    expect(traceOf(figure, 'validation', 'y')).toMatchObject({ x: [1, 2, 3], y: [1.5, 0.75, 0.5] });
    expect(traceOf(figure, 'validation', 'y2').y).toEqual([0.6, 0.7, 0.8]);
  });

  test('names the fits of a linear head what they are', () => {
    const fits = head.map((record) => ({ ...record, metrics: { penalty: 1 } }));
    expect(titleOf(learningCurves(fits))).toMatch(/^Fits of the linear head.*3 ridge penalties/s);
    expect(titleOf(learningCurves(head))).toMatch(/^Learning curves.*3 updates/s);
  });

  test('continues where the head ended when fine-tuning counts from 1 again, and marks the border', () => {
    const tuned = [1, 2].map((i) => step({ step: i, phase: 'fine-tune', losses: { loss: 0.1 } }));
    const figure = learningCurves([...head, ...tuned]);
    expect(traceOf(figure, 'train').x).toEqual([1, 2, 3, 4, 5]);
    expect(figure.layout.shapes).toMatchObject([{ x0: 4, x1: 4 }]);
    expect(figure.layout.annotations?.map((each) => each['text'])).toEqual(['head', 'fine-tuning']);
  });

  test('keeps the later of two lines for a step that a resumed run repeated', () => {
    const repeated = step({ step: 3, phase: 'head', split: 'train', losses: { crossEntropy: 9 } });
    expect(traceOf(learningCurves([...head, repeated]), 'train').y).toEqual([1, 1 / 2, 9]);
  });

  test('shows long curves raw and smoothed, with the same updates', () => {
    const long = Array.from({ length: 200 }, (_, i) =>
      step({ step: i + 1, losses: { loss: i % 2 } }),
    );
    const figure = learningCurves(long);
    expect(traceOf(figure, 'train, raw').y).toEqual(long.map((each) => each.losses['loss']));
    const smoothed = traceOf(figure, 'train').y as number[];
    expect(smoothed).toHaveLength(200);
    expect(Math.max(...smoothed.slice(50))).toBeLessThan(0.75);
  });

  test('refuses an empty run and a smoothing of 1', () => {
    expect(() => learningCurves([])).toThrow('learningCurves: records must hold at least one step');
    expect(() => learningCurves(head, { smoothing: 1 })).toThrow(
      'smoothing must be from 0 to below 1',
    );
  });
});

test('smooth starts at the first value and leaves a constant as it is', () => {
  expect(smooth([4, 4, 4], 0.9).every((value) => Math.abs(value - 4) < 1e-12)).toBe(true);
  // (0.5 * 0.5 * 1 + 0.5 * 3) / 0.75, worked out by hand
  expect(smooth([1, 3], 0.5)[1]).toBeCloseTo((0.25 + 1.5) / 0.75, 12);
});

describe('ganLosses', () => {
  test('groups losses by what they compare with, and leaves out the total and absent terms', () => {
    const names = {
      adversarialX: 0.4,
      discriminatorY: 0.2,
      cycleX: 0.1,
      identityX: 0,
      generatorTotal: 9,
    };
    const figure = ganLosses([1, 2].map((i) => step({ step: i, losses: names })));
    expect(figure.data.map((trace) => [trace.name, trace['yaxis']])).toEqual([
      ['adversarialX', 'y'],
      ['discriminatorY', 'y2'],
      ['cycleX', 'y3'],
    ]);
    expect(traceOf(figure, 'cycleX').y).toEqual([0.1, 0.1]);
  });

  test('knows the names of CycleGAN terms', () => {
    expect(['DX', 'D_Y', 'discriminatorX'].map(lossGroupOf)).toEqual(
      Array(3).fill('discriminators'),
    );
    expect(['identityY', 'changeX', 'pairY'].map(lossGroupOf)).toEqual(
      new Array(3).fill('reconstruction'),
    );
    expect(lossGroupOf('G')).toBe('adversarial');
    expect(lossGroupOf('generatorTotal')).toBeUndefined();
  });

  test('refuses records without such losses', () => {
    expect(() => ganLosses([step({ losses: { loss: 1 } })])).toThrow(
      'ganLosses: records must carry',
    );
  });
});

describe('confusionFigure', () => {
  test('colours by share of the true class and writes share and count', () => {
    const figure = confusionFigure(
      [
        [8, 2],
        [1, 3],
      ],
      ['a', 'b<'],
    );
    expect(figure.data[0]).toMatchObject({
      x: ['a', 'b&lt;'],
      y: ['a<br>n = 10', 'b&lt;<br>n = 4'],
      z: [
        [0.8, 0.2],
        [0.25, 0.75],
      ],
    });
    expect(figure.data[0]?.text?.[0]).toEqual(['80.0 %<br>8', '20.0 %<br>2']);
    expect(titleOf(figure)).toContain('n = 14');
    expect(axisOf(figure, 'yaxis')['autorange']).toBe('reversed');
  });

  test('has no share of a class without examples, and refuses counts of other classes', () => {
    expect(
      confusionFigure(
        [
          [0, 0],
          [0, 5],
        ],
        ['a', 'b'],
      ).data[0]?.z?.[0],
    ).toEqual([0, 0]);
    expect(() => confusionFigure([[1]], ['a', 'b'])).toThrow('counts must be 2 x 2');
  });
});

describe('distributions', () => {
  test('labelDistribution orders values by count and says counts and shares', () => {
    const [bars] = labelDistribution({ few: 1, many: 3 }).data;
    expect(bars).toMatchObject({
      y: ['many', 'few'],
      x: [3, 1],
      text: ['3 (75.0 %)', '1 (25.0 %)'],
    });
  });

  test('few counts have a tick each, and many what Plotly chooses', () => {
    expect(labelDistribution({ few: 1, many: 3 }).layout['xaxis']).toHaveProperty('dtick', 1);
    expect(labelDistribution({ few: 1, many: 90 }).layout['xaxis']).not.toHaveProperty('dtick');
  });

  test('labelDistribution sums up what comes after the nineteenth value, and loses none', () => {
    const counts = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`v${i}`, i + 1]));
    const x = labelDistribution(counts).data[0]?.x as number[];
    expect(x).toHaveLength(20);
    expect(x.reduce((a, b) => a + b)).toBe(465); // 30 * 31 / 2
  });

  test('histogram counts every finite value once, in bins with round edges', () => {
    const figure = histogram([0, 9.99, 10, 10, 25, NaN], { quantity: 'Age (years)', bins: 3 });
    expect(figure.data[0]).toMatchObject({ x: [5, 15, 25], y: [2, 2, 1] });
    expect(axisOf(figure, 'xaxis')['title']).toMatchObject({ text: 'Age (years)' });
  });

  test('histogram has one bin for one value, and many values do not overflow the stack', () => {
    expect(histogram([7, 7], { quantity: 'q' }).data[0]?.y).toEqual([2]);
    const many = Array.from({ length: 300_000 }, (_, i) => i % 100);
    const counts = histogram(many, { quantity: 'q' }).data[0]?.y as number[];
    expect(counts.reduce((a, b) => a + b)).toBe(300_000);
  });

  test('splitBalance gives each class its share of each split', () => {
    const figure = splitBalance({ train: { a: 3, b: 1 }, test: { a: 1, b: 1 } });
    expect(traceOf(figure, 'a').x).toEqual([0.75, 0.5]);
    expect(traceOf(figure, 'b').x).toEqual([0.25, 0.5]);
    expect(figure.data[0]?.y).toEqual(['train<br>n = 4', 'test<br>n = 2']);
  });

  test('refuse to draw nothing', () => {
    expect(() => labelDistribution({})).toThrow('counts must hold something');
    expect(() => histogram([NaN], { quantity: 'q' })).toThrow('must hold a finite number');
    expect(() => splitBalance({})).toThrow('splits must hold rows');
  });
});

describe('accuracyIntervals', () => {
  test('draws rows from the top down, with distances to the ends of their intervals', () => {
    const figure = accuracyIntervals(
      [
        { label: 'ours', value: 0.9, low: 0.85, high: 0.94, n: 200 },
        { label: 'paper', value: 0.57, kind: 'reference' },
      ],
      { reference: { value: 0.5, label: 'chance' } },
    );
    const [ours, paper] = figure.data;
    expect(ours).toMatchObject({ x: [0.9], y: [1] });
    expect(ours?.error_x?.array[0]).toBeCloseTo(0.04, 12);
    expect(ours?.error_x?.arrayminus[0]).toBeCloseTo(0.05, 12);
    expect(ours?.text).toEqual(['90.0 % (85.0–94.0 %, n = 200)']);
    expect(paper).toMatchObject({ x: [0.57], y: [0], text: ['57.0 % (n unknown)'] });
    expect(figure.layout.shapes).toMatchObject([{ x0: 0.5, x1: 0.5 }]);
  });

  test('refuses percentages and values outside their interval', () => {
    expect(() => accuracyIntervals([{ label: 'a', value: 95 }])).toThrow(
      'must be a rate from 0 to 1',
    );
    expect(() => accuracyIntervals([{ label: 'a', value: 0.5, low: 0.6, high: 0.7 }])).toThrow(
      'a must be',
    );
    expect(() => accuracyIntervals([])).toThrow('at least one rate');
  });
});

test('learningRates draws the rate of every update, unsmoothed, and names the last', () => {
  const records = Array.from({ length: 80 }, (_, i) =>
    step({ step: i + 1, learningRate: 2e-4 * (1 - i / 80) }),
  );
  const figure = learningRates(records);
  expect(figure.data).toHaveLength(1);
  expect(figure.data[0]).toMatchObject({
    x: records.map((record) => record.step),
    y: records.map(({ learningRate }) => learningRate),
  });
  expect(titleOf(figure)).toContain('0.00000250 after 80 updates');
  expect(() => learningRates([])).toThrow(/records must hold at least one step/);
});

test('a page has its style and scripts inside, or from addresses', () => {
  const parts = { title: 'T', body: { markup: '<p>' } };
  const inside = pageOf({ ...parts, style: '.own { }', script: 'run()' });
  expect(inside).toContain(`<style>${pageStyle('.own { }')}</style>`);
  expect(inside).toContain('<script>run()</script>');
  const linked = pageOf({ ...parts, linked: { style: '/a.css', scripts: ['/b.js'] } });
  expect(linked).toContain(
    '<link rel="stylesheet" href="/a.css"><script src="/b.js" defer></script>',
  );
  expect(linked).not.toMatch(/<style|<script>/);
});
