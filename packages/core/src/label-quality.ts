/**
 * How far a given label is to be trusted: 0 to 1, the lowest the most suspicious. cleanlab's scores
 * (`cleanlab/internal/label_quality_utils.py` and `cleanlab/rank.py`, version 2.9).
 */
import { PROBABILITY_TOLERANCE, type DoubtedLabels } from './confident-joint.js';

/**
 * `self-confidence`: the probability of the given label. `normalized-margin`: that less the largest of the others, moved
 * to 0 to 1. `confidence-weighted-entropy`: how undecided the classifier is, over the self-confidence, moved to 0 to 1.
 */
export type LabelQualityMethod =
  'self-confidence' | 'normalized-margin' | 'confidence-weighted-entropy';

/** The names of all of them. */
export const LABEL_QUALITY_METHODS: readonly LabelQualityMethod[] = [
  'self-confidence',
  'normalized-margin',
  'confidence-weighted-entropy',
];

/** Returns the quality of each label. */
export function labelQuality(given: DoubtedLabels, method: LabelQualityMethod): Float64Array {
  const { labels, probabilities, classes } = given;
  return Float64Array.from({ length: labels.length }, (_, i) => {
    const row = Array.from({ length: classes }, (_each, k) => probabilities[i * classes + k] ?? 0);
    const label = labels[i] ?? 0;
    switch (method) {
      case 'self-confidence':
        return row[label] ?? 0;
      case 'normalized-margin':
        return ((row[label] ?? 0) - Math.max(...row.filter((_each, k) => k !== label)) + 1) / 2;
      case 'confidence-weighted-entropy':
        return entropyQuality(row, row[label] ?? 0);
    }
  });
}

function entropyQuality(row: readonly number[], own: number): number {
  const entropy = row.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
  const ratio = entropy / Math.log(row.length) / Math.max(own, PROBABILITY_TOLERANCE);
  return Math.log(ratio + 1) / Math.max(ratio, PROBABILITY_TOLERANCE);
}
