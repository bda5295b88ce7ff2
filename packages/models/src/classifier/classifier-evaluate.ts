import {
  accuracyOf,
  balancedAccuracyOf,
  confusionMatrix,
  OptionsError,
  type ClassifierEvaluation,
  type ClassResult,
  type FittedTemperature,
  type Mistake,
} from '@janus/core';
import { calibrationRecord, rankingRecord, temperedProbabilities } from './classifier-measures.js';

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

/** Returns the number of the largest value; the first of equals. */
export function argMax(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > (values[best] ?? -Infinity) ? i : best), 0);
}

/**
 * Returns the figures of a classifier on a test split, each with its interval: Wilson, or a bootstrap
 * over people where people repeat. Probabilities are those after the temperature, as `predict` gives them.
 *
 * @throws OptionsError when there is no prediction
 */
export function evaluateClassifier(
  predictions: Predictions,
  context: {
    readonly target: string;
    readonly classes: readonly string[];
    readonly split: string;
    /** What the run's logits are divided by; default: nothing. */
    readonly temperature?: FittedTemperature | undefined;
  },
): ClassifierEvaluation {
  const { ids, labels, logits, clusters } = predictions;
  const { classes, temperature } = context;
  const n = ids.length;
  if (n === 0) {
    throw new OptionsError(
      `evaluate: needs images in the ${context.split} split, but there are none. Split the data set with \`janus data split\`.`,
    );
  }
  const probabilities = temperedProbabilities(logits, temperature);
  const predicted = logits.map(argMax);
  const right = predicted.map((each, i) => each === labels[i]);
  const confusion = confusionMatrix(labels, predicted, classes.length);
  const repeat = new Set(clusters).size < n;
  const accuracy = accuracyOf(right, clusters);
  const balanced = balancedAccuracyOf({ labels, predicted, clusters, classes: classes.length });
  const perClass = Object.fromEntries(
    classes.flatMap((name, c): [string, ClassResult][] => {
      const count = (confusion[c] ?? []).reduce((a, b) => a + b, 0);
      if (count === 0) return [];
      const hits = confusion[c]?.[c] ?? 0;
      const called = confusion.reduce((sum, row) => sum + (row[c] ?? 0), 0);
      const own = labels.flatMap((label, i) => (label === c ? [i] : []));
      const recall = accuracyOf(right, clusters, own);
      const f1 = (2 * hits) / (count + called);
      const precision = called === 0 ? {} : { precision: hits / called };
      return [[name, { n: count, recall, ...precision, f1 }]];
    }),
  );
  const mistakes = ids
    .flatMap((id, i): Mistake[] =>
      right[i] === true
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
  const calibration = calibrationRecord(logits, labels, temperature);
  const ranking = rankingRecord(probabilities, labels, { classes, clusters });
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
    intervalMethod: `${repeat ? 'accuracy and balanced accuracy: bootstrap over people' : 'accuracy: Wilson; balanced accuracy: bootstrap'}, 95 %; recalls: ${repeat ? 'bootstrap over people where a class has several images of one, else Wilson' : 'Wilson'}, 95 %`,
    calibrationError: calibration.error,
    calibration,
    ...(ranking === undefined ? {} : { ranking }),
    mistakes,
  };
}
