/** Whether probabilities mean what they say, and one number that makes them do so better. */
import { OptionsError } from './errors.js';

/** Predictions of similar confidence. */
export interface CalibrationBin {
  /** Predictions in the bin. */
  readonly n: number;
  /** Their mean confidence, 0 to 1. */
  readonly confidence: number;
  /** Share of them that are right, 0 to 1. */
  readonly accuracy: number;
}

/** Bins of equal width on the confidence. Source: Guo et al. 2017, section 2, arXiv 1706.04599. */
export const CALIBRATION_BINS = 15;

/**
 * Returns mean confidence and accuracy in bins `(low, high]` of equal width; those without predictions are left out.
 *
 * @param confidences probabilities of the predicted classes, 0 to 1
 * @param correct whether each prediction is right
 * @throws OptionsError when the lists differ in length, are empty, or hold values outside 0 to 1
 */
export function calibrationBins(
  confidences: readonly number[],
  correct: readonly boolean[],
  bins: number = CALIBRATION_BINS,
): readonly CalibrationBin[] {
  if (confidences.length !== correct.length || confidences.length === 0) {
    throw new OptionsError(
      `calibrationBins: confidences and correct must be of the same length, at least 1, but got ${confidences.length} and ${correct.length}. Read both from one predictions file.`,
    );
  }
  const sums = Array.from({ length: bins }, () => ({ n: 0, confidence: 0, right: 0 }));
  confidences.forEach((confidence, i) => {
    const sum = sums[Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1))];
    // A sum of rounded probabilities may pass 1 by a bit.
    if (!(confidence >= 0 && confidence <= 1 + 1e-9) || sum === undefined) {
      throw new OptionsError(
        `calibrationBins: confidences must be probabilities, but got ${confidence}. Apply the softmax first.`,
      );
    }
    sum.n++;
    sum.confidence += confidence;
    sum.right += correct[i] === true ? 1 : 0;
  });
  return sums.flatMap(({ n, confidence, right }) =>
    n === 0 ? [] : [{ n, confidence: confidence / n, accuracy: right / n }],
  );
}

/** Returns the mean distance between accuracy and confidence, 0 to 1, weighted by the bins' n. */
export function expectedCalibrationError(bins: readonly CalibrationBin[]): number {
  const n = bins.reduce((sum, bin) => sum + bin.n, 0);
  return bins.reduce((sum, bin) => sum + (bin.n / n) * Math.abs(bin.accuracy - bin.confidence), 0);
}

/** How well probabilities fit the labels. */
export interface CalibrationMeasures {
  /** Expected calibration error, 0 to 1, in {@link CALIBRATION_BINS} bins of equal width on the largest probability. */
  readonly error: number;
  /**
   * Brier score, 0 (sure and right) to 1 (sure and wrong): half the summed squared distance from the label's one-hot
   * row, as scikit-learn has it. Source: Brier 1950.
   */
  readonly brier: number;
  /** Mean negative logarithm of the label's probability, nats. */
  readonly logLoss: number;
  /** The bins of the error, those without predictions left out. */
  readonly bins: readonly CalibrationBin[];
}

/**
 * Measures probabilities against labels.
 *
 * @param probabilities [images][classes], each row adding up to 1
 * @param labels class numbers
 */
export function calibrationMeasures(
  probabilities: readonly (readonly number[])[],
  labels: readonly number[],
): CalibrationMeasures {
  let [squares, logarithms] = [0, 0];
  const correct: boolean[] = [];
  const confidences = probabilities.map((row, i) => {
    const label = labels[i] ?? 0;
    row.forEach((p, c) => (squares += (p - (c === label ? 1 : 0)) ** 2));
    // scikit-learn clips too: a certain error would cost infinitely much.
    logarithms -= Math.log(Math.max(row[label] ?? 0, Number.EPSILON));
    const most = Math.max(...row);
    correct.push(row.indexOf(most) === label);
    return most;
  });
  const n = labels.length;
  const bins = calibrationBins(confidences, correct);
  return {
    error: expectedCalibrationError(bins),
    brier: squares / 2 / n,
    logLoss: logarithms / n,
    bins,
  };
}

/** Temperatures that {@link fitTemperature} looks between. */
const TEMPERATURES = [0.05, 20] as const;

/** Halvings of the search: the temperature is exact to 1e-12 after them. */
const HALVINGS = 60;

/**
 * Returns the temperature by which logits are divided so that their softmax has the lowest log loss on held-out images;
 * undefined where none between 0.05 and 20 has: there are too few images, or none is wrong.
 *
 * @param logits [images][classes]
 * @param labels class numbers
 * Source: Guo et al. 2017, section 4.2, arXiv 1706.04599.
 */
export function fitTemperature(
  logits: readonly (readonly number[])[],
  labels: readonly number[],
): number | undefined {
  if (labels.length === 0) return undefined;
  // In the inverse temperature the loss is convex: its slope crosses 0 once.
  let [low, high] = [1 / TEMPERATURES[1], 1 / TEMPERATURES[0]];
  if (lossSlope(logits, labels, low) >= 0 || lossSlope(logits, labels, high) <= 0) return undefined;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (lossSlope(logits, labels, middle) > 0) high = middle;
    else low = middle;
  }
  return 2 / (low + high);
}

/** The slope of the summed log loss by the inverse temperature: expected less given logits. */
function lossSlope(
  logits: readonly (readonly number[])[],
  labels: readonly number[],
  inverse: number,
): number {
  return logits.reduce((sum, row, i) => {
    const most = Math.max(...row);
    let [total, weighted] = [0, 0];
    for (const logit of row) {
      const power = Math.exp((logit - most) * inverse);
      total += power;
      weighted += power * logit;
    }
    return sum + weighted / total - (row[labels[i] ?? 0] ?? 0);
  }, 0);
}
