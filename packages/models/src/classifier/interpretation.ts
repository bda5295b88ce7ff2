/** Where a classifier is furthest off: the lists of fastai's `ClassificationInterpretation`. */

/** What a classifier said of images whose class is known. */
export interface InterpretedImages {
  /** Class numbers, one per image. */
  readonly labels: readonly number[];
  /** One row of probabilities an image, each 0 to 1. */
  readonly probabilities: readonly (readonly number[])[];
}

/** An image and how far off the classifier is. */
export interface ImageLoss {
  /** Its place in the list. */
  readonly image: number;
  /** Minus the logarithm of its class's probability, nats. */
  readonly loss: number;
}

/** Least probability whose logarithm is taken: losses stay finite. */
const LEAST = 1e-15;

/** Returns the images by their loss, the largest first, at most `count`; default all. */
export function topLosses(
  { labels, probabilities }: InterpretedImages,
  count: number = labels.length,
): readonly ImageLoss[] {
  return labels
    .map((label, image) => ({
      image,
      loss: -Math.log(Math.max(probabilities[image]?.[label] ?? 0, LEAST)),
    }))
    .sort((a, b) => b.loss - a.loss || a.image - b.image)
    .slice(0, count);
}

/** Two classes of which one was taken for the other. */
export interface ConfusedPair {
  readonly label: number;
  readonly predicted: number;
  readonly count: number;
}

/**
 * Returns which classes were taken for which, the commonest mistake first.
 *
 * @param confusion counts [true class][predicted class]
 * @param least mistakes of a pair that are listed; default 1
 */
export function mostConfused(
  confusion: readonly (readonly number[])[],
  least = 1,
): readonly ConfusedPair[] {
  return confusion
    .flatMap((row, label) => row.map((count, predicted) => ({ label, predicted, count })))
    .filter(({ label, predicted, count }) => label !== predicted && count >= least && count > 0)
    .sort((a, b) => b.count - a.count || a.label - b.label || a.predicted - b.predicted);
}
