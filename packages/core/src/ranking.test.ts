import { describe, expect, it } from 'vitest';
import { madeLabels, madeProbabilities } from './made-predictions.fixture.js';
import {
  averagePrecision,
  precisionRecallCurve,
  rankScores,
  rocArea,
  rocCurve,
  thinCurve,
  type CurvePoint,
  type RankedScores,
} from './ranking.js';

/** tools/oracles/classifier_measures.py: each class against the others. */
const ORACLE = [
  {
    auc: [0.8045491143317229, 0.804549114331723],
    precision: [0.8007605213141651, 0.7379832772314752],
  },
  {
    auc: [0.7391808986901012, 0.8982765868011771, 0.7471099744245524],
    precision: [0.2788831872184768, 0.7675641833353144, 0.6860837463101466],
  },
];

/** Scores of one digit: many are equal. */
function tied(): RankedScores {
  const scores = madeProbabilities(2).map((row) => Math.round((row[1] ?? 0) * 10) / 10);
  return rankScores(
    scores,
    madeLabels(2).map((label) => label === 1),
  );
}

describe('rocArea and averagePrecision', () => {
  it('equal scikit-learn for each class', () => {
    for (const { auc, precision } of ORACLE) {
      const classes = auc.length;
      auc.forEach((area, c) => {
        const ranked = rankScores(
          madeProbabilities(classes).map((row) => row[c] ?? 0),
          madeLabels(classes).map((label) => label === c),
        );
        expect(rocArea(ranked)).toBeCloseTo(area, 12);
        expect(averagePrecision(ranked)).toBeCloseTo(precision[c] ?? NaN, 12);
      });
    }
  });

  it('equal it with equal scores, and with weights', () => {
    const weights = Array.from({ length: 200 }, (_, i) => i % 3);
    expect(rocArea(tied())).toBeCloseTo(0.8098832528180355, 12);
    expect(averagePrecision(tied())).toBeCloseTo(0.7332266501994245, 12);
    expect(rocArea(tied(), weights)).toBeCloseTo(0.8133394383394383, 12);
    expect(averagePrecision(tied(), weights)).toBeCloseTo(0.7366018998886033, 12);
  });

  it('have no value where one side is empty', () => {
    expect(rocArea(rankScores([1, 2], [true, true]))).toBeNaN();
    expect(averagePrecision(rankScores([1, 2], [false, false]))).toBeNaN();
    expect(() => rankScores([1], [])).toThrow(/1 scores of 0 items/);
    expect(() => rankScores([NaN], [true])).toThrow(/not a number/);
  });
});

describe('the curves', () => {
  const close = (found: readonly CurvePoint[], expected: readonly CurvePoint[]): void => {
    expect(found.length).toBe(expected.length);
    found.forEach(([x, y], i) => {
      // Printed with six digits.
      expect(x).toBeCloseTo(expected[i]?.[0] ?? NaN, 5);
      expect(y).toBeCloseTo(expected[i]?.[1] ?? NaN, 5);
    });
  };

  it("have scikit-learn's points, one per distinct score", () => {
    close(rocCurve(tied()), [
      ...([
        [0, 0],
        [0.111111, 0.456522],
        [0.157407, 0.619565],
        [0.185185, 0.695652],
      ] as const),
      ...([
        [0.203704, 0.76087],
        [0.212963, 0.793478],
        [0.240741, 0.826087],
      ] as const),
      ...([
        [0.277778, 0.847826],
        [0.342593, 0.869565],
        [0.425926, 0.880435],
      ] as const),
      ...([
        [0.601852, 0.913043],
        [1, 1],
      ] as const),
    ]);
    close(precisionRecallCurve(tied()), [
      ...([
        [0.456522, 0.777778],
        [0.619565, 0.77027],
        [0.695652, 0.761905],
      ] as const),
      ...([
        [0.76087, 0.76087],
        [0.793478, 0.760417],
        [0.826087, 0.745098],
      ] as const),
      ...([
        [0.847826, 0.722222],
        [0.869565, 0.683761],
        [0.880435, 0.637795],
      ] as const),
      ...([
        [0.913043, 0.563758],
        [1, 0.46],
      ] as const),
    ]);
  });

  it('keep their ends and few points when they are thinned', () => {
    const long = Array.from({ length: 5000 }, (_, i): CurvePoint => [i / 4999, (i / 4999) ** 2]);
    const thin = thinCurve(long, 50);
    expect(thin.length).toBeLessThanOrEqual(51);
    expect(thin.length).toBeGreaterThan(40);
    expect([thin[0], thin.at(-1)]).toEqual([long[0], long.at(-1)]);
    expect(thinCurve(long.slice(0, 3), 50)).toEqual(long.slice(0, 3));
  });
});
