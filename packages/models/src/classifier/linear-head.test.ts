import { streamOf } from '@janus/core';
import { useEngine } from '@janus/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Features } from '../features.js';
import { buildDense } from './classifier-head.js';
import { fitLinearHead, type LabelledFeatures } from './linear-head.js';
import { ALL_PENALTIES, LINEAR_PENALTIES } from './linear-penalties.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

const COLUMNS = 12;

/** Noisy clouds around one centre a class, far from zero, as features after a ReLU are. */
function clouds(name: string, count: number, classes: number): LabelledFeatures {
  const stream = streamOf(3, name);
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const data = labels.flatMap((label) =>
    Array.from(
      { length: COLUMNS },
      (_, j) => 5 + stream.normal() + (j % classes === label ? 1 : 0),
    ),
  );
  return { features: { data: Float32Array.from(data), count, shape: [COLUMNS] }, labels };
}

/** The mean cross-entropy of a head on features, and its accuracy. */
function judged(dense: tf.LayersModel, { features, labels }: LabelledFeatures) {
  return tf.tidy(() => {
    const { data, count } = features satisfies Features;
    const logits = dense.predict(tf.tensor2d(data, [count, COLUMNS])) as tf.Tensor2D;
    const rows = tf.logSoftmax(logits).arraySync();
    const right = rows.filter((row, i) => row.indexOf(Math.max(...row)) === labels[i]).length;
    const loss = rows.reduce((sum, row, i) => sum - (row[labels[i] ?? 0] ?? 0), 0) / count;
    return { loss, accuracy: right / count };
  });
}

describe.each([2, 3])('fitLinearHead with %i classes', (classes) => {
  const train = clouds('train', 120, classes);
  const validation = clouds('validation', 60, classes);
  const denseOf = () =>
    buildDense({ inputShape: [COLUMNS], classes, units: [], dropout: 0, seed: 1 });

  it('sets the weights of the lowest validation loss, and records every penalty', () => {
    const dense = denseOf();
    const records = [...fitLinearHead({ dense, classes, train, validation })];
    expect(records.map(({ metrics, split }) => [metrics?.['penalty'], split])).toEqual(
      LINEAR_PENALTIES.flatMap((penalty) => [
        [penalty, 'train'],
        [penalty, 'validation'],
      ]),
    );
    const losses = records
      .filter(({ split }) => split === 'validation')
      .map((record) => record.losses['crossEntropy'] ?? NaN);
    const best = records[2 * losses.indexOf(Math.min(...losses)) + 1];
    const found = judged(dense, validation);
    expect(found.loss).toBeCloseTo(Math.min(...losses), 4);
    expect(found.accuracy).toBe(best?.metrics?.['accuracy']);
    expect(found.accuracy).toBeGreaterThan(1.2 / classes);
    dense.dispose();
  });

  it('leaves a class of few validation images out of the choice', () => {
    const few = { ...validation, labels: [...validation.labels] };
    // One image of a class that nothing tells from the others, in a set of one more class.
    few.labels[0] = classes;
    const choose = (part: LabelledFeatures): number[] => {
      const inputShape = [COLUMNS];
      const dense = buildDense({
        ...{ inputShape, classes: classes + 1, units: [], dropout: 0, seed: 1 },
      });
      const labels = [...train.labels];
      labels[3] = classes;
      const classWeights = Array.from({ length: classes + 1 }, (_, c) => (c === classes ? 50 : 1));
      const given = { dense, classes: classes + 1, classWeights, validation: part };
      const records = [...fitLinearHead({ ...given, train: { ...train, labels } })];
      const kernel = Array.from(dense.getLayer('logits').getWeights()[0]?.dataSync() ?? []);
      dense.dispose();
      expect(records).toHaveLength(2 * LINEAR_PENALTIES.length);
      return kernel;
    };
    expect(choose(few)).toEqual(
      choose({ ...few, labels: few.labels.map((label) => (label === classes ? 0 : label)) }),
    );
  });

  it('fits weaker penalties closer to the training images', () => {
    const losses = [...fitLinearHead({ dense: denseOf(), classes, train, validation })]
      .filter(({ split }) => split === 'train')
      .map((record) => record.losses['crossEntropy'] ?? NaN);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
  });

  it('goes on to weaker penalties where the classes lie apart without an error', () => {
    const apart = ({ features, labels }: LabelledFeatures): LabelledFeatures => ({
      labels,
      features: {
        ...features,
        // Little numbers, as those of rows of length 1: only large weights tell them apart.
        data: features.data.map((value, at) => {
          const label = labels[Math.floor(at / COLUMNS)] ?? 0;
          return 1e-3 * value + (at % COLUMNS === label ? 0.05 : 0);
        }),
      },
    });
    const given = { dense: denseOf(), classes, train: apart(train), validation: apart(validation) };
    const penalties = [...fitLinearHead(given)].map(({ metrics }) => metrics?.['penalty']);
    expect(penalties).toHaveLength(2 * ALL_PENALTIES.length);
    expect(penalties.at(-1)).toBe(1e-5);
  });

  it('lets a heavy class decide', () => {
    const dense = denseOf();
    const classWeights = Array.from({ length: classes }, (_, c) => (c === 0 ? 1000 : 1));
    for (const record of fitLinearHead({ dense, classes, train, validation, classWeights })) {
      if (record.step === 1) break;
    }
    const logits = dense.predict(tf.tensor2d(train.features.data, [120, COLUMNS])) as tf.Tensor;
    expect(new Set(tf.argMax(logits, 1).dataSync())).toEqual(new Set([0]));
  });
});
