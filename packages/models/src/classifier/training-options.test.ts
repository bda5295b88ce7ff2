/** What the options of a training phase do, on the smallest network, and that none of them breaks resuming. */
import * as tf from '@tensorflow/tfjs';
import {
  SCHEDULES,
  streamOf,
  type BatchSource,
  type FeatureBatch,
  type StepRecord,
} from '@janus/core';
import { installedAddon, useEngine } from '@janus/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { featureBatches } from '../features.js';
import { arraysOf } from '../model-variables.js';
import { averageRateOf } from './averages.js';
import { buildHead } from './classifier-head.js';
import { classifierSteps } from './classifier-steps.js';
import {
  createClassifierTraining,
  restoreClassifier,
  snapshotOfClassifier,
  useBestWeights,
  weightsInUse,
  type ClassifierTraining,
  type ClassifierTrainingOptions,
} from './classifier-training.js';
import { drawMixture, mixInputs } from './mixing.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

const SHAPE = [4, 4, 2];
const COUNT = 22;

/** Relative to 1 + |value|: another order of a loss's sums. */
const FLOAT32_REDUCTION = 1e-5;

/** Two clouds of maps. */
function clouds(name: string, batchSize: number): BatchSource<FeatureBatch> {
  const stream = streamOf(1, 'clouds', name);
  const labels = Array.from({ length: COUNT }, (_, i) => i % 2);
  const data = labels.flatMap((label) =>
    Array.from({ length: 32 }, () => stream.normal() + (label === 0 ? -0.3 : 0.3)),
  );
  return featureBatches({
    ...{
      features: { data: Float32Array.from(data), count: COUNT, shape: SHAPE },
      labels,
      batchSize,
    },
    ...{ ids: labels.map(String), seed: 7, shuffle: name === 'train' },
  });
}

interface Trained {
  readonly training: ClassifierTraining;
  readonly records: readonly StepRecord[];
}

/** Trains until `steps` updates were made. */
async function advance(
  training: ClassifierTraining,
  { steps = Infinity, batchSize = 6 } = {},
): Promise<readonly StepRecord[]> {
  const records: StepRecord[] = [];
  const sources = { train: clouds('train', batchSize), validation: clouds('validation', 64) };
  for await (const record of classifierSteps(training, sources)) {
    records.push({ ...record, seconds: 0 });
    if (record.kind === 'step' && training.progress.step >= steps) break;
  }
  return records;
}

function start(
  options: Partial<ClassifierTrainingOptions>,
  seed = 1,
  dropout = 0.5,
): ClassifierTraining {
  const model = buildHead({
    ...{ inputShape: SHAPE, classes: 2, units: [8], dropout, pooling: 'flatten', seed },
  });
  return createClassifierTraining({
    ...{ model, classes: 2, epochs: 3, learningRate: 0.02, seed: 7, phase: 'head' },
    ...options,
  });
}

async function train(
  options: Partial<ClassifierTrainingOptions>,
  batchSize = 6,
  dropout = 0.5,
): Promise<Trained> {
  const training = start(options, 1, dropout);
  return { training, records: await advance(training, { batchSize }) };
}

const OPTIONS: Readonly<Record<string, Partial<ClassifierTrainingOptions>>> = {
  'a one-cycle schedule': { schedule: SCHEDULES['one-cycle'] },
  'gradient descent': { optimizer: 'sgd', weightDecay: 0.01 },
  'a rate by variable': { factorOf: (name) => (name.startsWith('fc1') ? 0.1 : 1) },
  'clipped gradients': { clipNorm: 0.05 },
  'batches in parts': { parts: 3 },
  mixup: { mix: 'mixup' },
  cutmix: { mix: 'cutmix' },
  'an average of the weights': { averageDecay: 0.9 },
  'all of them': {
    ...{ schedule: SCHEDULES.cosine, optimizer: 'sgd', clipNorm: 1, parts: 2, mix: 'cutmix' },
    ...{ averageDecay: 0.99, weightDecay: 0.01, labelSmoothing: 0.1 },
    factorOf: (name) => (name.startsWith('fc1') ? 0.5 : 1),
  },
};

async function checkResume(options: Partial<ClassifierTrainingOptions>): Promise<void> {
  const whole = await train(options);
  for (const steps of [2, 5, 7]) {
    const stopped = start(options);
    const begun = await advance(stopped, { steps });
    const resumed = start(options, 99);
    restoreClassifier(resumed, await snapshotOfClassifier(stopped));
    expect([...begun, ...(await advance(resumed))]).toEqual(whole.records);
    expect(await arraysOf(resumed.variables)).toEqual(await arraysOf(whole.training.variables));
    expect(resumed.best).toEqual(whole.training.best);
    for (const each of [stopped, resumed]) each.dispose();
  }
  whole.training.dispose();
}

describe('a training with', () => {
  for (const [name, options] of Object.entries(OPTIONS)) {
    it(`${name}, stopped anywhere and resumed, equals one that was not, bit for bit`, async () => {
      await checkResume(options);
      const plain = await train({});
      const other = await train(options);
      expect(await weightsInUse(other.training)).not.toEqual(await weightsInUse(plain.training));
      for (const { training } of [plain, other]) training.dispose();
    });
  }

  const lacks = installedAddon() === undefined;
  it.skipIf(lacks)(
    `all options is the same on the compiled engine${lacks ? ' (skipped: no native engine here)' : ''}`,
    async () => {
      await useEngine({ engine: 'tensorflow' });
      try {
        const all = OPTIONS['all of them'] ?? {};
        await checkResume(all);
        const compiled = await train(all);
        const eager = await train({ ...all, execution: 'eager' });
        const lossesOf = ({ records }: Trained) =>
          records.map(({ losses }) => losses['crossEntropy']!);
        lossesOf(eager).forEach((loss, i) => {
          expect(Math.abs(lossesOf(compiled)[i]! - loss)).toBeLessThan(FLOAT32_REDUCTION * 10);
        });
        for (const { training } of [compiled, eager]) training.dispose();
      } finally {
        await useEngine({ engine: 'js' });
      }
    },
  );
});

it('a batch in parts makes the update of the whole batch, class weights and a smaller last part included', async () => {
  for (const batchSize of [6, 7]) {
    const options = { classWeights: [0.5, 2], clipNorm: 0.1 };
    const whole = await train(options, batchSize, 0);
    const parts = await train({ ...options, parts: 3 }, batchSize, 0);
    parts.records.forEach((record, i) => {
      const expected = whole.records[i]!;
      expect(record.metrics).toEqual(expected.metrics);
      expect(
        Math.abs(record.losses['crossEntropy']! - expected.losses['crossEntropy']!),
      ).toBeLessThan(FLOAT32_REDUCTION);
    });
    for (const { training } of [whole, parts]) training.dispose();
  }
});

it('records have the rate of their update', async () => {
  const { records, training } = await train({ schedule: SCHEDULES.linear });
  const rates = records.filter(({ kind }) => kind === 'step').map((each) => each.learningRate);
  expect(rates).toHaveLength(12);
  rates.forEach((rate, i) => {
    expect(rate).toBeCloseTo(0.02 * (1 - i / 12), 12);
  });
  training.dispose();
});

it('clipping leaves short gradients as they are, and shortens long ones to its length', async () => {
  const plain = await train({ optimizer: 'sgd' });
  const loose = await train({ optimizer: 'sgd', clipNorm: 1e6 });
  expect(await weightsInUse(loose.training)).toEqual(await weightsInUse(plain.training));
  const learningRate = 0.5;
  const one = start({ optimizer: 'sgd', learningRate, clipNorm: 1e-3 });
  const before = await arraysOf(one.variables);
  await advance(one, { steps: 1 });
  const after = await arraysOf(one.variables);
  let squares = 0;
  before.forEach(({ data }, i) => {
    data.forEach((value, j) => (squares += (value - after[i]!.data[j]!) ** 2));
  });
  // The gradients are longer than 1e-3, so the first update has a length of the rate times that.
  expect(Math.sqrt(squares) / (learningRate * 1e-3)).toBeCloseTo(1, 2);
  for (const training of [plain.training, loose.training, one]) training.dispose();
});

it('an average follows the weights by its rule, is validated and kept as the best', async () => {
  expect([0, 8, 1e6].map((step) => averageRateOf(0.9, step))).toEqual([
    expect.closeTo(0.9, 12),
    expect.closeTo(0.5, 12),
    expect.closeTo(0.1, 12),
  ]);
  const training = start({
    averageDecay: 0.9,
    learningRate: 1e-9,
    schedule: (step) => (step === 0 ? 5e7 : 0),
  });
  const [before] = await arraysOf(training.variables);
  await advance(training, { steps: 2 });
  const [after] = await arraysOf(training.variables);
  const [average] = await weightsInUse(training);
  // Only the first update moves the weights: the average goes 9/10 of the way, then 1 - 2/11 of the rest.
  const left = (1 / 10) * (2 / 11);
  after!.data.forEach((value, i) => {
    expect(average!.data[i]).toBeCloseTo(value + left * (before!.data[i]! - value), 5);
  });
  await advance(training);
  useBestWeights(training);
  expect(await arraysOf(training.variables)).toEqual(training.best);
  training.dispose();
});

describe('a mixture', () => {
  const shape = [5, 8, 6, 2];
  const drawn = (mix: 'mixup' | 'cutmix', step: number) =>
    drawMixture({ mix, shape, seed: 3, stream: ['head', step] });

  it('has the share of the mixed image that its label keeps, pixel by pixel', () => {
    for (let step = 0; step < 20; step++) {
      for (const mix of ['mixup', 'cutmix'] as const) {
        const mixture = drawn(mix, step);
        const inputs = tf.tensor4d(
          Float32Array.from({ length: 5 * 96 }, (_, i) => Math.floor(i / 96)),
          [5, 8, 6, 2],
        );
        const mixed = mixInputs(inputs, mixture);
        const means = tf.mean(mixed, [1, 2, 3]).dataSync();
        mixture.partners.forEach((partner, i) => {
          expect(means[i]).toBeCloseTo(mixture.share * i + (1 - mixture.share) * partner, 4);
        });
        tf.dispose([inputs, mixed]);
      }
    }
  });

  it('is drawn again for each update, and is the same for the same one', () => {
    expect(drawn('mixup', 1)).toEqual(drawn('mixup', 1));
    expect(drawn('mixup', 1)).not.toEqual(drawn('mixup', 2));
  });

  it('has shares of mean 1/2 and the variance of their beta distribution', () => {
    const shares = Array.from({ length: 2000 }, (_, step) => drawn('mixup', step).share);
    const mean = shares.reduce((sum, each) => sum + each, 0) / shares.length;
    const variance = shares.reduce((sum, each) => sum + (each - mean) ** 2, 0) / shares.length;
    // Beta(0.2, 0.2): variance 1 / (4 (2 0.2 + 1)) = 0.1786; standard errors 0.0094 and 0.0025.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.04);
    expect(Math.abs(variance - 0.1786)).toBeLessThan(0.01);
  });

  it('of rows of features is refused where a rectangle is asked for', () => {
    expect(() => drawMixture({ mix: 'cutmix', shape: [5, 8], seed: 1, stream: [] })).toThrow(
      /cutmix needs images or feature maps/,
    );
  });
});
