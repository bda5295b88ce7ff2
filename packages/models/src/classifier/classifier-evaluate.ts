import {
  balancedAccuracy,
  clusterBootstrap,
  confusionMatrix,
  OptionsError,
  wilsonInterval,
  type ClassifierEvaluation,
  type ClassResult,
  type Mistake,
} from '@janus/core';

/** What a classifier said of some images. */
export interface Predictions {
  readonly ids: readonly string[];
  /** Class numbers of the data set. */
  readonly labels: readonly number[];
  /** One row an image. */
  readonly logits: readonly (readonly number[])[];
  /** The person of each image. */
  readonly clusters: readonly string[];
}

/** Returns softmax probabilities of one row of logits. */
export function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((value) => value / sum);
}

/** Returns the number of the largest value; the first of equals. */
export function argMax(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > (values[best] ?? -Infinity) ? i : best), 0);
}

/**
 * Returns the figures of a classifier on a test split, each with its interval: Wilson, or a bootstrap
 * over people where people repeat.
 *
 * @throws OptionsError when there is no prediction
 */
export function evaluateClassifier(
  predictions: Predictions,
  context: { readonly target: string; readonly classes: readonly string[]; readonly split: string },
): ClassifierEvaluation {
  const { ids, labels, logits, clusters } = predictions;
  const { classes } = context;
  const n = ids.length;
  if (n === 0) {
    throw new OptionsError(
      `evaluate: needs images in the ${context.split} split, but there are none. Split the data set with \`janus data split\`.`,
    );
  }
  const probabilities = logits.map(softmax);
  const predicted = logits.map(argMax);
  const right = predicted.map((each, i) => (each === labels[i] ? 1 : 0));
  const confusion = confusionMatrix(labels, predicted, classes.length);
  const repeat = new Set(clusters).size < n;
  const countRight = (items: readonly number[]): number =>
    items.reduce((sum, i) => sum + (right[i] ?? 0), 0);
  const accuracy = repeat
    ? clusterBootstrap({ clusters, statistic: (items) => countRight(items) / items.length })
    : wilsonInterval(countRight(labels.map((_, i) => i)), n);
  const balanced = clusterBootstrap({
    clusters,
    statistic: (items) =>
      balancedAccuracy(
        confusionMatrix(
          items.map((i) => labels[i] ?? 0),
          items.map((i) => predicted[i] ?? 0),
          classes.length,
        ),
      ),
  });
  const perClass = Object.fromEntries(
    classes.flatMap((name, c): [string, ClassResult][] => {
      const count = (confusion[c] ?? []).reduce((a, b) => a + b, 0);
      if (count === 0) return [];
      const hits = confusion[c]?.[c] ?? 0;
      const called = confusion.reduce((sum, row) => sum + (row[c] ?? 0), 0);
      const recall = wilsonInterval(hits, count);
      return [[name, { n: count, recall, ...(called === 0 ? {} : { precision: hits / called }) }]];
    }),
  );
  const mistakes = ids
    .flatMap((id, i): Mistake[] =>
      right[i] === 1
        ? []
        : [
            {
              id,
              label: classes[labels[i] ?? 0] ?? '',
              predicted: classes[predicted[i] ?? 0] ?? '',
              confidence: probabilities[i]?.[predicted[i] ?? 0] ?? 0,
            },
          ],
    )
    .sort((a, b) => b.confidence - a.confidence);
  return {
    kind: 'classifier',
    target: context.target,
    classes,
    split: context.split,
    n,
    accuracy,
    balancedAccuracy: balanced,
    majority: Math.max(...confusion.map((row) => row.reduce((a, b) => a + b, 0))) / n,
    perClass,
    confusion,
    intervalMethod: `${repeat ? 'accuracy and balanced accuracy: bootstrap over people' : 'accuracy: Wilson; balanced accuracy: bootstrap'}, 95 %; recalls: Wilson, 95 %`,
    calibrationError: calibrationError(probabilities, right),
    mistakes,
  };
}

const BINS = 15;

function calibrationError(
  probabilities: readonly (readonly number[])[],
  right: readonly number[],
): number {
  const bins = Array.from({ length: BINS }, () => ({ n: 0, right: 0, confidence: 0 }));
  probabilities.forEach((row, i) => {
    const confidence = Math.max(...row);
    // Bins are open below and closed above.
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))];
    if (bin === undefined) return;
    bin.n += 1;
    bin.right += right[i] ?? 0;
    bin.confidence += confidence;
  });
  return bins.reduce(
    (sum, bin) => sum + Math.abs(bin.right - bin.confidence) / probabilities.length,
    0,
  );
}
