import { streamOf } from '@janus/core';
import { useEngine } from '@janus/engine';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { argMax } from './classifier-evaluate.js';
import {
  crossValidateHead,
  fitHead,
  headFolds,
  headLearningCurve,
  type HeadImages,
} from './cross-validated-head.js';

beforeAll(async () => {
  await useEngine({ engine: 'js' });
});

const COLUMNS = 6;

/** Noise around a centre a class, `apart` from the others along one column. */
function images(count: number, apart: number, classes = 2): HeadImages {
  const stream = streamOf(11, 'images');
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const data = labels.flatMap((label) =>
    Array.from({ length: COLUMNS }, (_, j) => stream.normal() + (j === label ? apart : 0)),
  );
  const features = { data: Float32Array.from(data), count, shape: [COLUMNS] };
  return { features, labels, classes, groups: labels.map((_, i) => `image ${i}`) };
}

function accuracyOf(logits: readonly (readonly number[])[], labels: readonly number[]): number {
  return logits.filter((row, i) => argMax(row) === labels[i]).length / labels.length;
}

it('headFolds spreads each class over the folds, and keeps groups whole', () => {
  const labels = Array.from({ length: 24 }, (_, i) => i % 2);
  const groups = labels.map((label, i) => `${label} ${Math.floor(i / 4)}`);
  const folds = headFolds({ labels, classes: 2, groups }, 1)!;
  expect(new Set(folds).size).toBe(6);
  for (const group of new Set(groups)) {
    expect(new Set(folds.filter((_, i) => groups[i] === group)).size).toBe(1);
  }
  for (const c of [0, 1]) {
    expect(new Set(folds.filter((_, i) => labels[i] === c)).size).toBe(6);
  }
  const two = { labels: [0, 0, 0, 1, 1], classes: 2, groups: ['a', 'b', 'c', 'd', 'e'] };
  expect(headFolds(two, 1)).toBeUndefined();
});

it('crossValidateHead tells apart what lies apart, and nothing of noise', async () => {
  const clear = images(60, 4);
  const folds = headFolds(clear, 1)!;
  const found = await crossValidateHead(clear, folds);
  expect(accuracyOf(found.logits, clear.labels)).toBeGreaterThan(0.95);
  expect(found.records[0]).toMatchObject({ kind: 'epoch', split: 'train' });
  const losses = found.records.filter(({ split }) => split === 'validation');
  const lowest = Math.min(...losses.map((each) => each.losses['crossEntropy']!));
  const best = losses.find((each) => each.losses['crossEntropy'] === lowest);
  expect(found.penalty).toBe(best?.metrics?.['penalty']);
  const noise = images(60, 0);
  const none = await crossValidateHead(noise, headFolds(noise, 1)!);
  // Binomial with n = 60: three deviations are 0.19.
  expect(Math.abs(accuracyOf(none.logits, noise.labels) - 0.5)).toBeLessThan(0.2);
});

it('crossValidateHead says nothing of an image from its own label', async () => {
  const given = images(30, 1, 3);
  const folds = headFolds(given, 1)!;
  const before = await crossValidateHead(given, folds);
  const labels = given.labels.map((label, i) => (folds[i] === 0 ? (label + 1) % 3 : label));
  // Only fold 0 learns and chooses from nothing that has changed.
  const after = await crossValidateHead({ ...given, labels }, folds);
  folds.forEach((fold, i) => {
    if (fold === 0) expect(after.logits[i]).toEqual(before.logits[i]);
  });
  expect(after.logits).not.toEqual(before.logits);
});

it('fitHead fits all images, and leaves no tensor behind', () => {
  const given = images(40, 3, 4);
  const before = tf.memory().numTensors;
  const dense = fitHead(given, 0.01);
  const told = tf.tidy(() => {
    const x = tf.tensor2d(given.features.data, [40, COLUMNS]);
    return Array.from(tf.argMax(dense.predict(x) as tf.Tensor, 1).dataSync());
  });
  expect(told.filter((label, i) => label === given.labels[i]).length).toBeGreaterThan(35);
  dense.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it('headLearningCurve ends with heads that learned from all other folds', () => {
  const given = images(80, 2);
  const folds = headFolds(given, 1)!;
  const curve = headLearningCurve(given, folds, 0.1);
  expect(curve.map(({ images: count }) => count)).toEqual([18, 36, 54, 72]);
  const right = given.labels.filter((label, i) => {
    const rows = folds.flatMap((fold, at) => (fold === folds[i] ? [] : [at]));
    const data = rows.flatMap((row) => rowOf(given, row));
    const features = { data: Float32Array.from(data), count: rows.length, shape: [COLUMNS] };
    const labels = rows.map((row) => given.labels[row]!);
    const dense = fitHead({ ...given, features, labels }, 0.1);
    const told = tf.tidy(() => {
      const x = tf.tensor2d(rowOf(given, i), [1, COLUMNS]);
      return tf.argMax(dense.predict(x) as tf.Tensor, 1).dataSync()[0];
    });
    dense.dispose();
    return told === label;
  });
  expect(curve.at(-1)!.accuracy).toBe(right.length / 80);
});

const rowOf = ({ features }: HeadImages, row: number): number[] =>
  Array.from(features.data.subarray(row * COLUMNS, (row + 1) * COLUMNS));
