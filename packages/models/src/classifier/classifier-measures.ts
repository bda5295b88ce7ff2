/** What the probabilities of a classifier are worth: calibration and ranking. */
import {
  averagePrecision,
  calibrationMeasures,
  clusterBootstrap,
  precisionRecallCurve,
  rankScores,
  rocArea,
  rocCurve,
  thinCurve,
  type CalibrationRecord,
  type ClassRanking,
  type FittedTemperature,
  type RankedScores,
  type RankingRecord,
} from '@janus/core';
import { softmax } from './softmax.js';

/** Points of a curve that an evaluation keeps. */
const CURVE_POINTS = 100;

/** Returns the probabilities of logits that are divided by a temperature; without one, of the logits as they are. */
export function temperedProbabilities(
  logits: readonly (readonly number[])[],
  temperature?: Pick<FittedTemperature, 'value'> | null,
): number[][] {
  const by = temperature?.value ?? 1;
  return logits.map((row) => softmax(row.map((logit) => logit / by)));
}

/** Returns how far the probabilities of logits can be believed, before and after the temperature. */
export function calibrationRecord(
  logits: readonly (readonly number[])[],
  labels: readonly number[],
  temperature?: FittedTemperature,
): CalibrationRecord {
  const before = calibrationMeasures(temperedProbabilities(logits), labels);
  if (temperature === undefined) return before;
  const after = calibrationMeasures(temperedProbabilities(logits, temperature), labels);
  return { ...after, temperature, before };
}

/**
 * Returns how well probabilities rank images of each class before the others, with 95 % intervals from resampled people;
 * undefined where fewer than two classes have images.
 *
 * @param probabilities [images][classes]
 */
export function rankingRecord(
  probabilities: readonly (readonly number[])[],
  labels: readonly number[],
  context: { readonly classes: readonly string[]; readonly clusters: readonly string[] },
): RankingRecord | undefined {
  const { classes, clusters } = context;
  const present = classes.flatMap((name, c) => {
    if (!labels.includes(c)) return [];
    const ranked = rankScores(
      probabilities.map((row) => row[c] ?? 0),
      labels.map((label) => label === c),
    );
    return [{ name, ranked }];
  });
  if (present.length < 2) return undefined;
  const mean = (of: (ranked: RankedScores, weights?: Float64Array) => number) => {
    const weights = new Float64Array(labels.length);
    return clusterBootstrap({
      clusters,
      statistic: (items) => {
        weights.fill(0);
        for (const item of items) weights[item] = (weights[item] ?? 0) + 1;
        return present.reduce((sum, { ranked }) => sum + of(ranked, weights), 0) / present.length;
      },
    });
  };
  return {
    auc: mean(rocArea),
    averagePrecision: mean(averagePrecision),
    perClass: Object.fromEntries(
      present.map(({ name, ranked }): [string, ClassRanking] => [
        name,
        {
          auc: rocArea(ranked),
          averagePrecision: averagePrecision(ranked),
          roc: thinCurve(rocCurve(ranked), CURVE_POINTS),
          precisionRecall: thinCurve(precisionRecallCurve(ranked), CURVE_POINTS),
        },
      ]),
    ),
  };
}
