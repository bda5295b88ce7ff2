import { describe, expect, it } from 'vitest';
import {
  calibrationBins,
  calibrationMeasures,
  expectedCalibrationError,
  fitTemperature,
} from './calibration.js';
import { madeLabels, madeLogits, madeProbabilities } from './made-predictions.fixture.js';

/** tools/oracles/classifier_measures.py, by the number of classes. */
const ORACLE = [
  {
    ...{ classes: 2, error: 0.1369901637544747, brier: 0.18037042725218316 },
    ...{ logLoss: 0.6622459583369255, temperature: 2.2756893688349122 },
  },
  {
    ...{ classes: 3, error: 0.2669730385681158, brier: 0.23982055654059165 },
    ...{ logLoss: 0.8216581588702803, temperature: 1.433291935347547 },
  },
] as const;

describe('calibrationBins', () => {
  it('closes bins above and leaves out empty ones', () => {
    const bins = calibrationBins([0.5, 0.50001, 1], [true, false, true], 4);
    expect(bins).toEqual([
      { n: 1, confidence: 0.5, accuracy: 1 },
      { n: 1, confidence: 0.50001, accuracy: 0 },
      { n: 1, confidence: 1, accuracy: 1 },
    ]);
    // (|1 - 0.5| + |0 - 0.50001| + 0) / 3
    expect(expectedCalibrationError(bins)).toBeCloseTo(1.00001 / 3, 12);
  });

  it('puts a confidence on a bin’s upper edge into that bin', () => {
    const bins = calibrationBins([0.5, 0.50001, 1], [true, false, true], 2);
    expect(bins).toEqual([
      { n: 1, confidence: 0.5, accuracy: 1 },
      { n: 2, confidence: (0.50001 + 1) / 2, accuracy: 0.5 },
    ]);
  });

  it('weighs the bins’ errors by their n', () => {
    // one bin of 1 off by 0.5, one of 3 off by 0.2: (0.5 + 3 * 0.2) / 4
    const bins = [
      { n: 1, confidence: 0.5, accuracy: 1 },
      { n: 3, confidence: 0.8, accuracy: 0.6 },
    ];
    expect(expectedCalibrationError(bins)).toBeCloseTo(0.275, 12);
  });

  it('refuses what is no probability, and lists of different lengths', () => {
    expect(() => calibrationBins([3], [true])).toThrow(/must be probabilities, but got 3/);
    expect(() => calibrationBins([], [])).toThrow(/same length, at least 1, but got 0 and 0/);
  });
});

describe('calibrationMeasures', () => {
  it("equals scikit-learn's Brier score and log loss, and the error of its definition", () => {
    for (const { classes, error, brier, logLoss } of ORACLE) {
      const found = calibrationMeasures(madeProbabilities(classes), madeLabels(classes));
      expect(found.error).toBeCloseTo(error, 12);
      expect(found.brier).toBeCloseTo(brier, 12);
      expect(found.logLoss).toBeCloseTo(logLoss, 12);
      expect(found.bins.reduce((sum, { n }) => sum + n, 0)).toBe(200);
    }
  });
});

describe('fitTemperature', () => {
  it("finds the minimum that scipy's bounded search finds", () => {
    for (const { classes, temperature } of ORACLE) {
      const found = fitTemperature(madeLogits(classes), madeLabels(classes));
      // scipy stops where the loss no longer changes in float64, about the square root of its precision.
      expect(found).toBeCloseTo(temperature, 5);
    }
  });

  it('finds none where every image is right, or where there is none', () => {
    const sure = [
      [1, 0],
      [0, 2],
    ];
    expect(fitTemperature(sure, [0, 1])).toBeUndefined();
    expect(fitTemperature(sure, [1, 0])).toBeUndefined();
    expect(fitTemperature([], [])).toBeUndefined();
  });
});
