import type { StepRecord } from '@janus/core';
import { describe, expect, test } from 'vitest';
import { axisOf, type Figure, type Trace } from './figure.js';
import { learningBands } from './learning-bands.js';
import { qualityOverMinutes } from './quality-over-minutes.js';
import { bandTraces, seedBand } from './seed-band.js';

const traceOf = (figure: Figure, name: string, yaxis = 'y'): Trace =>
  figure.data.find((trace) => trace.name === name && trace['yaxis'] === yaxis)!;

const titleOf = (figure: Figure): string => (figure.layout['title'] as { text: string }).text;

describe('seedBand', () => {
  test('has mean and range where all curves are, with straight lines between points', () => {
    const band = seedBand([
      { x: [0, 2, 4], y: [0, 2, 2] },
      { x: [1, 3], y: [3, 5] },
    ]);
    // At 1: 1 and 3; at 2: 2 and 4; at 3: 2 and 5.
    expect(band).toEqual({ x: [1, 2, 3], mean: [2, 3, 3.5], low: [1, 2, 2], high: [3, 4, 5] });
  });

  test('is the curve itself for one run, thinned to what a screen can show', () => {
    const x = Array.from({ length: 1000 }, (_, i) => i);
    const band = seedBand([{ x, y: x }]);
    expect(band.x.length).toBeLessThanOrEqual(201);
    expect([band.x[0], band.x.at(-1)]).toEqual([0, 999]);
    expect(band.mean).toEqual(band.x);
  });

  test('has no place where runs share none, and refuses a run without points', () => {
    const [early, late] = [
      { x: [0, 1], y: [0, 0] },
      { x: [2, 3], y: [1, 1] },
    ];
    expect(seedBand([early, late]).x).toEqual([]);
    expect(() => seedBand([early, { x: [], y: [] }])).toThrow('points each, but got 2 with 2, 0');
  });
});

test('bandTraces draws the range as a closed area, each run pale, and the mean', () => {
  const look = { name: 'a', colour: '#1f77b9', yaxis: 'y2' };
  const curves = [
    { x: [0, 1], y: [1, 2] },
    { x: [0, 1], y: [3, 6] },
  ];
  const traces = bandTraces(curves, look);
  expect(traces.map(({ name }) => name)).toEqual(['a, range', 'a, run 1', 'a, run 2', 'a']);
  expect(traces[0]).toMatchObject({ x: [0, 1, 1, 0], y: [3, 6, 2, 1], fill: 'toself' });
  expect(traces[3]).toMatchObject({ y: [2, 4], yaxis: 'y2' });
  expect(bandTraces(curves.slice(1), look).map(({ name }) => name)).toEqual(['a']);
});

describe('learningBands', () => {
  const run = (loss: number): readonly StepRecord[] =>
    [1, 2].flatMap((step) => [
      {
        ...{ kind: 'step', split: 'train', step, epoch: 0, losses: { crossEntropy: loss / step } },
        ...{ learningRate: 1, seconds: 0, phase: step === 1 ? 'head' : 'fine-tune' },
      } as const,
      {
        ...{ kind: 'epoch', split: 'validation', step, epoch: 1, metrics: { accuracy: 0.5 } },
        ...{ learningRate: 1, seconds: 0, losses: { crossEntropy: loss } },
        phase: step === 1 ? 'head' : 'fine-tune',
      } as const,
    ]);

  test('draws the mean of the runs for training and validation, and the border of phases', () => {
    const figure = learningBands([run(1), run(3)]);
    expect(traceOf(figure, 'train')).toMatchObject({ x: [1, 2], y: [2, 1] });
    expect(traceOf(figure, 'validation').y).toEqual([2, 2]);
    expect(traceOf(figure, 'validation', 'y2').y).toEqual([0.5, 0.5]);
    expect(figure.layout.shapes).toMatchObject([{ x0: 2, x1: 2 }]);
    expect(titleOf(figure)).toContain('mean and range of 2 runs of different seeds');
  });

  test('refuses no run and a run without records', () => {
    expect(() => learningBands([])).toThrow('at least one run');
    expect(() => learningBands([run(1), []])).toThrow('got 2 with 4, 0');
  });
});

describe('qualityOverMinutes', () => {
  const recipes = [
    {
      name: 'plain <b>',
      runs: [
        [
          { minutes: 1, value: 0.2 },
          { minutes: 20, value: 0.6 },
        ],
      ],
    },
    {
      name: 'ours',
      runs: [[{ minutes: 2, value: 0.5 }], [{ minutes: 2, value: 0.7 }]],
    },
  ];

  test('draws a line for each recipe, with the range of its runs', () => {
    const figure = qualityOverMinutes(recipes, { quality: 'Judged (%)', unit: 'rate' });
    expect(traceOf(figure, 'plain &lt;b&gt;')).toMatchObject({ x: [1, 20], y: [0.2, 0.6] });
    expect(traceOf(figure, 'ours')).toMatchObject({ x: [2], y: [0.6] });
    expect(traceOf(figure, 'ours, range').y).toEqual([0.7, 0.5]);
    expect(axisOf(figure, 'yaxis')).toMatchObject({ tickformat: '.0%' });
    expect(titleOf(figure)).toContain('1 to 2 runs');
  });

  test('has plain ticks on a logarithmic axis, and a line to compare with', () => {
    const reference = { value: 0.9, label: 'twins' };
    const figure = qualityOverMinutes(recipes, { quality: 'q', scale: 'log', reference });
    expect(axisOf(figure, 'xaxis')).toMatchObject({
      ticktext: ['1', '2', '5', '10', '20', '50', '100', '200', '500'],
    });
    expect(figure.layout.shapes).toMatchObject([{ y0: 0.9 }]);
  });

  test('refuses nothing, and minutes that the axis lacks', () => {
    expect(() => qualityOverMinutes([], { quality: 'q' })).toThrow('a run with a point');
    const zero = [{ name: 'a', runs: [[{ minutes: 0, value: 1 }]] }];
    expect(() => qualityOverMinutes(zero, { quality: 'q', scale: 'log' })).toThrow(
      'above 0 on a logarithmic axis, but got 0',
    );
    expect(qualityOverMinutes(zero, { quality: 'q' }).data).toHaveLength(1);
  });
});
