/** Numbers of scipy 1.17, prdc 0.2 and scikit-image 0.26, made by `tools/oracles/image_metrics.py`. */
import { describe, expect, it } from 'vitest';
import type { Features } from '../features.js';
import { featureRows } from '../features.js';
import { frechetDistance } from './frechet-distance.js';
import { drawnFeatures, drawnImage } from './image-metrics.fixture.js';
import { inceptionScore } from './inception-score.js';
import { neighbourhoods } from './neighbourhoods.js';
import { peakSignalToNoise, structuralSimilarity } from './similarity.js';

/** Both sides sum in float64, in another order. */
const FLOAT64_REDUCTION = 9;

const rowsOf = (rows: readonly (readonly number[])[]): Features => ({
  ...{ data: Float32Array.from(rows.flat()), count: rows.length, shape: [rows[0]?.length ?? 0] },
});

describe('frechetDistance', () => {
  it("is scipy's for more images than features, by the root of the matrix", () => {
    const distance = frechetDistance(drawnFeatures(40, 6, 1), drawnFeatures(50, 6, 2));
    expect(distance).toBeCloseTo(1.573031001354039, FLOAT64_REDUCTION);
  });

  it('is that of the eigenvalues for fewer images than features', () => {
    const distance = frechetDistance(drawnFeatures(10, 64, 1), drawnFeatures(12, 64, 2));
    // The oracle takes the roots of 54 eigenvalues that ought to be 0: each is wrong by about 1e-7.
    expect(Math.abs(distance - 331.987622737607)).toBeLessThan(64 * 1e-6);
  });

  it('is what the closed form gives', () => {
    // Four points at (+-s, +-t) have the covariance diag(4 s^2 / 3, 4 t^2 / 3). With variances of 1 and 4 along one axis and
    // equal means: 1 + 4 - 2 * 2 = 1. Along two axes, (1, 1) and (4, 4): 2. Means 1 apart add 1.
    const cross = (s: number, by = 0): Features =>
      rowsOf([
        [by + s, s],
        [by + s, -s],
        [by - s, s],
        [by - s, -s],
      ]);
    const one = Math.sqrt(0.75);
    expect(frechetDistance(cross(one), cross(2 * one))).toBeCloseTo(2, 5);
    expect(frechetDistance(cross(one), cross(2 * one, 1))).toBeCloseTo(3, 5);
  });

  it('is 0 for a set and itself, and the same in either order', () => {
    const [a, b] = [drawnFeatures(9, 30, 1), drawnFeatures(14, 30, 3)];
    expect(Math.abs(frechetDistance(a, a))).toBeLessThan(1e-6);
    expect(frechetDistance(a, b)).toBeCloseTo(frechetDistance(b, a), FLOAT64_REDUCTION);
  });

  it('is finite where images are the same one', () => {
    const same = rowsOf(Array.from({ length: 20 }, () => [1, 2, 3]));
    expect(frechetDistance(same, same)).toBeCloseTo(0, 12);
  });

  it('requires two images and features of one length', () => {
    const a = drawnFeatures(4, 3, 1);
    expect(() => frechetDistance(drawnFeatures(1, 3, 1), a)).toThrow(/at least 2.*1 and 4/);
    expect(() => frechetDistance(a, drawnFeatures(4, 2, 1))).toThrow(/same length.*3 and 2/);
  });
});

describe('neighbourhoods', () => {
  const [real, fake] = [drawnFeatures(40, 6, 1), drawnFeatures(50, 6, 2)];

  it.each([
    [3, { precision: 0.94, recall: 0.925, density: 1.1466666666666665, coverage: 0.95 }],
    [5, { precision: 1, recall: 0.975, density: 1.34, coverage: 1 }],
  ])("is prdc's with k = %i", (k, expected) => {
    const found = neighbourhoods(real, fake, k);
    for (const [name, value] of Object.entries(expected)) {
      expect(found[name as keyof typeof found]).toBeCloseTo(value, 12);
    }
  });

  it('sees fakes of one kind as precise, and as covering little', () => {
    const collapsed = rowsOf(Array.from({ length: 20 }, () => featureRows(real)[7] ?? []));
    const { precision, recall, coverage } = neighbourhoods(real, collapsed, 3);
    expect([precision, recall]).toEqual([1, 0]);
    expect(coverage).toBeLessThan(0.5);
  });

  it('requires more images than k', () => {
    expect(() => neighbourhoods(drawnFeatures(5, 6, 1), fake)).toThrow(/more than k = 5.*5 and 50/);
  });
});

describe('inceptionScore', () => {
  it('is what scipy gives, over splits', () => {
    const rows = featureRows(drawnFeatures(30, 4, 1)).map((row) => {
      const squares = row.map((value) => (value + 0.5) ** 2);
      const sum = squares.reduce((a, b) => a + b, 0);
      return squares.map((value) => value / sum);
    });
    const { mean, deviation } = inceptionScore(rows, 3);
    expect(mean).toBeCloseTo(1.3330055824153513, FLOAT64_REDUCTION);
    expect(deviation).toBeCloseTo(0.05384784269303526, FLOAT64_REDUCTION);
  });

  it('is the closed form', () => {
    const rows = [
      [0.7, 0.2, 0.1],
      [0.1, 0.8, 0.1],
      [0.2, 0.2, 0.6],
      [0.25, 0.25, 0.5],
    ];
    expect(inceptionScore(rows).mean).toBeCloseTo(1.2698406188274363, 12);
    expect(
      inceptionScore([
        [0.4, 0.6],
        [0.4, 0.6],
      ]).mean,
    ).toBeCloseTo(1, 12);
    expect(
      inceptionScore([
        [1, 0],
        [0, 1],
      ]).mean,
    ).toBeCloseTo(2, 12);
    expect(() => inceptionScore(rows, 5)).toThrow(/from 1 to the number of images, 4, but got 5/);
  });
});

describe('pixels of pairs', () => {
  const [a, b] = [drawnImage(0), drawnImage(1)];

  it("peakSignalToNoise is scikit-image's", () => {
    expect(peakSignalToNoise(a, b)[0]).toBeCloseTo(12.028920016336711, FLOAT64_REDUCTION);
    expect(peakSignalToNoise(a, a)).toEqual([Infinity]);
  });

  it("structuralSimilarity is scikit-image's with the paper's window", () => {
    expect(structuralSimilarity(a, b)[0]).toBeCloseTo(0.5127162749236466, FLOAT64_REDUCTION);
    expect(structuralSimilarity(a, a)[0]).toBeCloseTo(1, 12);
  });

  it('both take several images one by one, of one size', () => {
    const pixels = Uint8Array.of(...a.pixels, ...b.pixels);
    const pair = { pixels, count: 2, size: a.size };
    const back = { ...pair, pixels: Uint8Array.of(...a.pixels, ...a.pixels) };
    expect(structuralSimilarity(pair, back)[1]).toBeCloseTo(0.5127162749236466, FLOAT64_REDUCTION);
    expect(peakSignalToNoise(pair, back)[0]).toBe(Infinity);
    expect(() => peakSignalToNoise(pair, a)).toThrow(/one size, but got 2 of 24 px and 1 of 24 px/);
    expect(() => structuralSimilarity(drawnImage(0, 8), drawnImage(1, 8))).toThrow(/at least 11/);
  });
});
