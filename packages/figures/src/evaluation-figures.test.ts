import {
  wilsonInterval,
  type ClassifierEvaluation,
  type RankingRecord,
  type RobustnessRecord,
  type SliceFrame,
} from '@janus/core';
import { describe, expect, test } from 'vitest';
import { evaluationFigures } from './evaluation-figures.js';
import { axisOf, type Figure, type Trace } from './figure.js';
import { precisionRecallFigure, rocFigure } from './ranking.js';
import { reliabilityDiagram } from './reliability.js';
import { robustnessFigure } from './robustness.js';
import { slicesFigure } from './slices.js';

const traceOf = (figure: Figure, name: string): Trace =>
  figure.data.find((trace) => trace.name === name)!;

const titleOf = (figure: Figure): string => (figure.layout['title'] as { text: string }).text;

const interval = (value: number) => ({ value, low: value - 0.1, high: value + 0.1 });

const ranked = (names: readonly string[]): RankingRecord => ({
  auc: interval(0.8),
  averagePrecision: interval(0.6),
  perClass: Object.fromEntries(
    names.map((name, i) => [
      name,
      {
        auc: 0.7 + i / 100,
        averagePrecision: 0.5 + i / 100,
        roc: [
          [0, 0],
          [0.2, 0.9],
          [1, 1],
        ],
        precisionRecall: [
          [0.5, 0.75],
          [1, 0.4],
        ],
      },
    ]),
  ),
});

describe('rocFigure and precisionRecallFigure', () => {
  test('draw the rarer of two classes with its area, beside chance', () => {
    const figure = rocFigure(ranked(['a', 'b<i>']), { counts: { a: 30, 'b<i>': 10 } });
    expect(figure.data.map(({ name }) => name)).toEqual([
      'chance (AUC 0.500)',
      'b&lt;i&gt; (AUC 0.710)',
    ]);
    expect(figure.data[1]).toMatchObject({ x: [0, 0.2, 1], y: [0, 0.9, 1] });
    expect(titleOf(figure)).toContain('0.800 (95 % interval 0.700–0.900)');
  });

  test('draw steps of precision from a recall of 0, and the share of each class', () => {
    const figure = precisionRecallFigure(ranked(['a', 'b']), { counts: { a: 30, b: 10 } });
    expect(traceOf(figure, 'b, at random').y).toEqual([0.25, 0.25]);
    const curve = traceOf(figure, 'b (AP 0.510)');
    expect(curve).toMatchObject({ x: [0, 0.5, 1], y: [0.75, 0.75, 0.4], line: { shape: 'vh' } });
    // The area of such steps is the average precision of the points: 0.5 * 0.75 + 0.5 * 0.4.
    const [x, y] = [curve.x as number[], curve.y as number[]];
    const area = x.slice(1).reduce((sum, each, i) => sum + (each - x[i]!) * y[i + 1]!, 0);
    expect(area).toBeCloseTo(0.575, 12);
  });

  test('colour the six classes that are ranked worst, and say how many are grey', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const counts = Object.fromEntries(names.map((name) => [name, 5]));
    const figure = rocFigure(ranked(names), { counts });
    const hidden = figure.data.filter((trace) => trace['showlegend'] === false);
    expect(hidden.map(({ name }) => name)).toEqual(['g (AUC 0.760)', 'h (AUC 0.770)']);
    expect(titleOf(figure)).toContain('grey: 2 better ones');
  });

  test('refuse a ranking without classes', () => {
    expect(() => rocFigure(ranked([]), { counts: {} })).toThrow('must hold a class');
  });
});

describe('reliabilityDiagram', () => {
  test('draws accuracy over confidence with Wilson intervals, and the counts beneath', () => {
    const figure = reliabilityDiagram({
      confidences: [0.9, 0.9, 0.9, 0.9],
      correct: [true, true, true, false],
    });
    const curve = traceOf(figure, 'this classifier');
    expect(curve.y).toEqual([0.75]);
    const { low, high } = wilsonInterval(3, 4);
    expect(curve.error_y?.arrayminus[0]).toBeCloseTo(0.75 - low, 12);
    expect(curve.error_y?.array[0]).toBeCloseTo(high - 0.75, 12);
    expect(titleOf(figure)).toContain('15.0 %');
    // 0.9 lies in the fourteenth of 15 bins, from 13/15 to 14/15.
    const counts = traceOf(figure, 'predictions');
    expect(counts.x?.[0]).toBeCloseTo(13.5 / 15, 12);
    expect(counts).toMatchObject({ y: [4], text: ['4'], yaxis: 'y2' });
  });

  test('tells the temperature and the curve without it', () => {
    const bins = [{ n: 20, confidence: 0.8, accuracy: 0.7 }];
    const figure = reliabilityDiagram({
      ...{ bins, error: 0.1, temperature: { value: 1.456, n: 50, split: 'validation' } },
      before: {
        ...{ error: 0.2, brier: 0, logLoss: 0 },
        bins: [{ n: 20, confidence: 0.9, accuracy: 0.7 }],
      },
    });
    expect(titleOf(figure)).toMatch(/error 10\.0 % in 15 bins, n = 20.*temperature 1\.46.*50 val/);
    expect(titleOf(figure)).toContain('without it 20.0 %');
    expect(traceOf(figure, 'without the temperature')).toMatchObject({ x: [0.9], y: [0.7] });
  });

  test('refuses logits and lists of different length', () => {
    expect(() => reliabilityDiagram({ confidences: [3], correct: [true] })).toThrow(
      'probabilities',
    );
    expect(() => reliabilityDiagram({ confidences: [], correct: [] })).toThrow(
      'must be of the same length, at least 1, but got 0 and 0',
    );
  });
});

const FRAMES: readonly SliceFrame[] = [
  {
    columns: ['age'],
    n: 60,
    cells: [
      { values: ['<20'], n: 40, accuracy: interval(0.6), majority: 0.5 },
      { values: ['20+'], n: 15, accuracy: interval(0.8) },
      { values: ['old'], n: 5 },
    ],
    difference: interval(0.2),
    p: 0.04,
  },
];

describe('slicesFigure', () => {
  const options = { overall: interval(0.7), n: 60, minCell: 10 };

  test('draws groups from the top down under their columns, and crosses those that are too small', () => {
    const figure = slicesFigure(FRAMES, options);
    const measured = traceOf(figure, 'accuracy and 95 % interval');
    expect(measured).toMatchObject({ x: [0.6, 0.8], y: [2, 1] });
    expect(measured.error_x?.array[0]).toBeCloseTo(0.1, 12);
    expect(traceOf(figure, 'the group’s commonest class alone')).toMatchObject({
      ...{ x: [0.5], y: [2] },
    });
    expect(traceOf(figure, 'fewer than 10 images: not measured').y).toEqual([0]);
    expect(axisOf(figure, 'yaxis')['ticktext']).toMatchObject([
      expect.stringMatching(/^&lt;20 .*n = 40/),
      expect.stringMatching(/^20\+ .*n = 15/),
      expect.stringMatching(/^old .*n = 5/),
    ]);
    expect(figure.layout.shapes).toMatchObject([{ xref: 'x', x0: 0.7, x1: 0.7 }]);
    const [heading] = figure.layout.annotations ?? [];
    expect(heading).toMatchObject({ y: 3 });
    expect(heading?.['text']).toMatch(/<b>age<\/b>.*best less worst 20\.0 points, p = 0\.040/);
  });

  test('leaves out the groups nearest to the whole where there are too many, and counts them', () => {
    const near = { values: ['near'], n: 30, accuracy: interval(0.71) };
    const [frame] = FRAMES;
    const frames = [{ ...frame!, cells: [near, ...frame!.cells] }];
    const figure = slicesFigure(frames, { ...options, most: 2 });
    expect(traceOf(figure, 'accuracy and 95 % interval').x).toEqual([0.6, 0.8]);
    expect(titleOf(figure)).toContain('2 groups nearest to it are not shown');
  });

  test('refuses to draw nothing', () => {
    expect(() => slicesFigure([], options)).toThrow('frames must hold a group');
  });
});

const ROBUSTNESS: RobustnessRecord = {
  ...{ n: 100, size: 64, unchanged: interval(0.9) },
  rows: [
    { change: 'brightness', strength: 0.5, accuracy: interval(0.8) },
    { change: 'brightness', strength: 0.25, accuracy: interval(0.6) },
    { change: 'brightness', strength: 2, accuracy: interval(0.7) },
    { change: 'blur', strength: 0.01, accuracy: interval(0.85) },
  ],
};

describe('robustnessFigure', () => {
  test('has a panel for each change, with the images as they are in their place', () => {
    const figure = robustnessFigure(ROBUSTNESS);
    expect(traceOf(figure, 'brightness').y).toEqual([0.6, 0.8, 0.9, 0.7]);
    expect(axisOf(figure, 'xaxis')['ticktext']).toEqual(['0.25', '0.5', '1', '2']);
    expect(traceOf(figure, 'blur')).toMatchObject({ xaxis: 'x2', yaxis: 'y', y: [0.9, 0.85] });
    expect(axisOf(figure, 'xaxis2')['ticktext']).toEqual(['as is', '1']);
    expect(traceOf(figure, 'blur').error_y?.array[1]).toBeCloseTo(0.1, 12);
    expect(figure.layout.shapes).toMatchObject([{ yref: 'y', y0: 0.9, y1: 0.9 }]);
  });

  test('refuses a record without changes', () => {
    expect(() => robustnessFigure({ ...ROBUSTNESS, rows: [] })).toThrow('must hold a change');
  });
});

test('evaluationFigures draws what an evaluation holds, in order, and nothing else', () => {
  const evaluation: ClassifierEvaluation = {
    kind: 'classifier',
    ...{ target: 'kind', classes: ['a', 'b'], split: 'test', n: 60 },
    ...{ accuracy: interval(0.7), balancedAccuracy: interval(0.7), majority: 0.75 },
    perClass: { a: { n: 45, recall: interval(0.8) }, b: { n: 15, recall: interval(0.5) } },
    confusion: [
      [40, 5],
      [10, 5],
    ],
    ...{ intervalMethod: 'Wilson', calibrationError: 0.1, mistakes: [] },
  };
  const namesOf = (some: ClassifierEvaluation) => evaluationFigures(some).map(({ name }) => name);
  expect(namesOf(evaluation)).toEqual(['confusion']);
  const bins = [{ n: 60, confidence: 0.8, accuracy: 0.7 }];
  const small = { columns: ['tiny'], n: 3, cells: [{ values: ['x'], n: 3 }] };
  const complete = {
    ...evaluation,
    ranking: ranked(['a', 'b']),
    calibration: { error: 0.1, brier: 0.1, logLoss: 0.3, bins },
    slices: { minCell: 10, leftOut: [], frames: [...FRAMES, small] },
    robustness: ROBUSTNESS,
  };
  expect(namesOf(complete)).toEqual([
    ...['confusion', 'roc', 'precision-recall', 'reliability', 'slices', 'robustness'],
  ]);
  const slices = evaluationFigures(complete).find(({ name }) => name === 'slices');
  expect(JSON.stringify(slices)).not.toContain('tiny');
});
