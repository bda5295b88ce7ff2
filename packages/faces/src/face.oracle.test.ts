import { streamOf } from '@janus/core';
import { expect, test } from 'vitest';
import { sampleFace } from './attributes.js';
import { renderFacePixels } from './render.js';

/** Ridge regression of ±1 on standardised pixels, by conjugate gradients on its dual, [train, train]. */
function ridgeAccuracy(
  pixels: readonly Float64Array[],
  labels: readonly number[],
  options: { readonly train: number; readonly lambda: number },
): number {
  const { train, lambda } = options;
  const width = pixels[0]!.length;
  const mean = new Float64Array(width);
  const spread = new Float64Array(width);
  for (let i = 0; i < train; i++)
    for (let j = 0; j < width; j++) mean[j]! += pixels[i]![j]! / train;
  for (let i = 0; i < train; i++) {
    for (let j = 0; j < width; j++) spread[j]! += (pixels[i]![j]! - mean[j]!) ** 2 / train;
  }
  const rows = pixels.map((row) =>
    row.map((v, j) => (v - mean[j]!) / Math.sqrt(spread[j]! + 1e-9)),
  );
  const dot = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!;
    return sum;
  };
  const gram = Array.from({ length: train }, () => new Float64Array(train));
  for (let a = 0; a < train; a++) {
    for (let b = 0; b <= a; b++) gram[a]![b] = gram[b]![a] = dot(rows[a]!, rows[b]!) / width;
  }
  const alpha = new Float64Array(train);
  let residual = Float64Array.from(labels.slice(0, train));
  let direction = residual.slice();
  for (let step = 0; step < 200; step++) {
    const before = dot(residual, residual);
    if (before < 1e-10) break;
    const product = gram.map((row, i) => dot(row, direction) + lambda * direction[i]!);
    const size = before / dot(direction, Float64Array.from(product));
    for (let i = 0; i < train; i++) alpha[i]! += size * direction[i]!;
    residual = residual.map((r, i) => r - size * product[i]!);
    const share = dot(residual, residual) / before;
    direction = direction.map((d, i) => residual[i]! + share * d);
  }
  const weights = new Float64Array(width);
  for (let i = 0; i < train; i++)
    for (let j = 0; j < width; j++) weights[j]! += alpha[i]! * rows[i]![j]!;
  const right = rows.slice(train).filter((row, i) => dot(row, weights) * labels[train + i]! > 0);
  return right.length / (rows.length - train);
}

test('ridgeAccuracy finds what is linear', () => {
  const stream = streamOf(1, 'linear');
  const pixels = Array.from({ length: 150 }, () =>
    Float64Array.from({ length: 12 }, () => stream.normal()),
  );
  const labels = pixels.map((row) => (row[0]! - row[5]! > 0 ? 1 : -1));
  expect(ridgeAccuracy(pixels, labels, { train: 100, lambda: 0.01 })).toBeGreaterThan(0.9);
});

/** A linear model must stay below this; a frozen VGG-16 with a linear probe reaches 92 % or more. */
const LINEAR_BOUND = 0.8;

test('a linear model on 24 x 24 colour pixels does not solve presentation', async () => {
  const faces = Array.from({ length: 900 }, (_, i) =>
    sampleFace({ seed: 77, person: i, image: 0 }),
  );
  const pixels = await Promise.all(
    faces.map(async (face) =>
      Float64Array.from(await renderFacePixels(face, 48)).map((v) => v / 255),
    ),
  );
  const small = pixels.map((big) => {
    const row = new Float64Array(24 * 24 * 3);
    for (let y = 0; y < 48; y++) {
      for (let x = 0; x < 48 * 3; x++) {
        row[((y >> 1) * 24 + ((x / 6) | 0)) * 3 + (x % 3)]! += big[y * 144 + x]! / 4;
      }
    }
    return row;
  });
  const labels = faces.map((face) => (face.attributes.presentation === 'masculine' ? 1 : -1));
  const accuracies = [0.003, 0.01, 0.03, 0.1, 0.3, 1].map((lambda) =>
    ridgeAccuracy(small, labels, { train: 600, lambda }),
  );
  expect(Math.max(...accuracies)).toBeLessThan(LINEAR_BOUND);
  // Better than chance: the cues are in the pixels.
  expect(Math.max(...accuracies)).toBeGreaterThan(0.55);
});
