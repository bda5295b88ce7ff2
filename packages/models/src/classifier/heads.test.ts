import * as tf from '@tensorflow/tfjs';
import { streamOf, type BatchSource, type FeatureBatch, type StepRecord } from '@janus/core';
import { useEngine } from '@janus/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { featureBatches } from '../features.js';
import { arraysOf } from '../model-variables.js';
import { buildDense, joinModels } from './classifier-head.js';
import { classifierSteps } from './classifier-steps.js';
import {
  createClassifierTraining,
  restoreClassifier,
  snapshotOfClassifier,
  type ClassifierTraining,
} from './classifier-training.js';
import { besideEachOther, buildDenseHeads, logitsByTarget, logitsNames } from './heads.js';
import {
  createHeadsTally,
  lossTargets,
  shareRight,
  type HeadLabels,
  type HeadLoss,
} from './heads-loss.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

const COLUMNS = 6;
const COUNT = 24;

/** Features of which the first tells a class of two, the second a number from 0 to 2; half have no number. */
const labels = Array.from({ length: COUNT }, (_, i): HeadLabels => {
  const number = i % 3;
  return { labels: [i % 2, i % 4 < 2 ? number : -1], values: [null, i % 4 < 2 ? number : null] };
});
const stream = streamOf(1, 'heads');
const data = Float32Array.from({ length: COUNT * COLUMNS }, (_, at) => {
  const [i, column] = [Math.floor(at / COLUMNS), at % COLUMNS];
  const signal = column === 0 ? (i % 2) * 2 - 1 : column === 1 ? (i % 3) - 1 : 0;
  return signal + 0.1 * stream.normal();
});
const ids = Array.from({ length: COUNT }, (_, i) => `image-${i}`);

const sourceOf = (batchSize: number, shuffle: boolean): BatchSource<FeatureBatch> =>
  featureBatches({
    ...{ features: { data, count: COUNT, shape: [COLUMNS] }, labels: ids.map(() => 0), ids },
    ...{ batchSize, shuffle, seed: 1 },
  });

const TARGETS = [
  { target: 'kind', classes: ['a', 'b'] },
  { target: 'age', classes: ['0', '1', '2'] },
];

const headsOf = (weights: readonly number[]): readonly HeadLoss[] =>
  TARGETS.map(({ target, classes }, h) => ({
    ...{ name: target, classes: classes.length, weight: weights[h] ?? 1 },
    ...(target === 'age' ? { scale: { edges: [1, 2], centres: [0, 1, 2], median: 1 } } : {}),
  }));

function trainingOf(weights: readonly number[], epochs = 8): ClassifierTraining {
  const model = buildDenseHeads({
    ...{ inputShape: [COLUMNS], targets: TARGETS, units: [8], dropout: 0.2, seed: 3 },
  });
  return createClassifierTraining({
    ...{ model, classes: 0, epochs, learningRate: 0.05, weightDecay: 0.1, seed: 3, phase: 'head' },
    several: {
      heads: headsOf(weights),
      labelsOf: (id) => labels[ids.indexOf(id)] ?? { labels: [-1, -1], values: [null, null] },
    },
  });
}

async function recordsOf(training: ClassifierTraining, steps = Infinity): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  const sources = { train: sourceOf(8, true), validation: sourceOf(COUNT, false) };
  for await (const record of classifierSteps(training, sources)) {
    records.push(record);
    if (training.progress.step >= steps) break;
  }
  return records;
}

const weightsOf = async ({ variables }: ClassifierTraining) =>
  Object.fromEntries((await arraysOf(variables)).map(({ name, data: each }) => [name, [...each]]));

describe('a training with several targets', () => {
  it('learns all of them, each from the images that have its label', async () => {
    const training = trainingOf([1, 1]);
    const last = (await recordsOf(training)).at(-1);
    expect(last?.metrics?.['accuracy kind']).toBe(1);
    expect(last?.metrics?.['accuracy age']).toBe(1);
    expect(last?.metrics?.['mae age']).toBeLessThan(0.5);
    const sum = (last?.losses['crossEntropy kind'] ?? 0) + (last?.losses['crossEntropy age'] ?? 0);
    expect(last?.losses['crossEntropy']).toBeCloseTo(sum, 10);
    training.dispose();
  });

  it('with weights 0 and 1 leaves the first head as it was, decay included, and trains the other', async () => {
    const training = trainingOf([0, 1], 2);
    const before = await weightsOf(training);
    await recordsOf(training);
    const after = await weightsOf(training);
    expect(after['logits_kind/kernel']).toEqual(before['logits_kind/kernel']);
    expect(after['logits_kind/bias']).toEqual(before['logits_kind/bias']);
    expect(after['logits_age/kernel']).not.toEqual(before['logits_age/kernel']);
    expect(after['fc1/kernel']).not.toEqual(before['fc1/kernel']);
    training.dispose();
  });

  it('stopped after a step and restored elsewhere, equals one that was not, bit for bit', async () => {
    const whole = trainingOf([1, 0.5], 2);
    await recordsOf(whole);
    const first = trainingOf([1, 0.5], 2);
    await recordsOf(first, 2);
    const second = trainingOf([1, 0.5], 2);
    restoreClassifier(second, await snapshotOfClassifier(first));
    await recordsOf(second);
    expect(await weightsOf(second)).toEqual(await weightsOf(whole));
    for (const each of [whole, first, second]) each.dispose();
  });
});

describe('lossTargets', () => {
  const heads: readonly HeadLoss[] = [
    { name: 'kind', classes: 2, weight: 2, classWeights: [1, 3] },
    { name: 'age', classes: 3, weight: 1 },
  ];
  const rows = [
    { labels: [0, -1], values: [null, null] },
    { labels: [1, 2], values: [null, null] },
  ];

  it('is a mean over the images with a label, by class weight, times the weight of the head', () => {
    expect([...lossTargets(heads, rows, 0)]).toEqual([0.5, 0, 0, 0, 0, 0, 1.5, 0, 0, 1]);
  });

  it('smooths within a head, and leaves out the head that no image has', () => {
    const [first] = rows;
    const smooth = [...lossTargets(heads, first === undefined ? [] : [first], 0.5)];
    expect(smooth).toEqual([1.5, 0.5, 0, 0, 0]);
  });

  it('goes with a tally that has the same loss', () => {
    const probabilities = [
      [0.5, 0.5, 0.2, 0.3, 0.5],
      [0.25, 0.75, 0.1, 0.2, 0.7],
    ];
    const tally = createHeadsTally(heads);
    const logs = probabilities.map((row) => Float32Array.from(row, Math.log));
    logs.forEach((row, i) => {
      tally.add(row, rows[i] ?? { labels: [], values: [] });
    });
    const targets = lossTargets(heads, rows, 0);
    const loss = -logs
      .flatMap((row) => [...row])
      .reduce((s, log, at) => s + log * (targets[at] ?? 0), 0);
    expect(tally.measure().loss).toBeCloseTo(loss, 6);
    expect(tally.measure().accuracy).toBe(1); // of equal probabilities, the first is named
  });
});

describe('shareRight', () => {
  it('counts the labels that there are, image after image', () => {
    expect(
      shareRight(
        [0, 1, 0, 2],
        [
          { labels: [0, -1], values: [] },
          { labels: [1, 2], values: [] },
        ],
      ),
    ).toBeCloseTo(2 / 3, 12);
  });
});

describe('heads', () => {
  it('have an output a target, by a name that a layer can have', () => {
    const targets = ['face shape', 'face_shape', 'âge'].map((target) => ({ target }));
    expect(logitsNames(targets)).toEqual([
      'logits_face_shape',
      'logits_face_shape_2',
      'logits__ge',
    ]);
  });

  it('joined to layers below and put side by side, say what each says alone', () => {
    const below = buildDense({ inputShape: [4], classes: COLUMNS, units: [], dropout: 0, seed: 1 });
    const above = buildDenseHeads({
      ...{ inputShape: [COLUMNS], targets: TARGETS, units: [3], dropout: 0.5, seed: 2 },
    });
    const joined = joinModels(below, above, 'joined');
    const beside = besideEachOther(joined);
    tf.tidy(() => {
      const x = tf.randomNormal([5, 4], 0, 1, 'float32', 7);
      const apart = joined.predict(x) as tf.Tensor[];
      expect(apart.map(({ shape }) => shape)).toEqual([
        [5, 2],
        [5, 3],
      ]);
      const logits = beside.predict(x) as tf.Tensor;
      const features = { data: logits.dataSync() as Float32Array, count: 5, shape: [5] };
      expect(logitsByTarget(features, TARGETS)).toEqual(apart.map((each) => each.arraySync()));
    });
  });
});
