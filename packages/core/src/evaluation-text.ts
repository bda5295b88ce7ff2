import type { EvaluatedImages } from './evaluated-images.js';
import type { OptionalNumberFigures } from './evaluation-record.js';
import { intervalText } from './number-text.js';
import type { Interval } from './statistics.js';

/**
 * Returns in words which images an evaluation is about and what is known of them.
 *
 * @param n images that were measured
 */
export function evaluatedImagesText(images: EvaluatedImages, n: number): string {
  const { source, gone, changed, trainedOn, sameData } = images;
  const same = sameData === false ? ', whose data has changed since' : '';
  return [
    source === 'run'
      ? `the run's own images${same}`
      : source === 'other'
        ? 'those of another data set than the run was trained on'
        : `the images of the data as it is split now; the run does not say which were its own${same}`,
    ...(gone + changed === 0 ? [] : [`${gone} gone and ${changed} changed since are left out`]),
    trainedOn === undefined
      ? 'how many of them it was trained on is not known'
      : `trained on ${trainedOn} of ${n}`,
  ].join('; ');
}

/**
 * Returns how well a number was predicted, in its unit: `mean absolute error 4.21 [3.90, 4.53]; always naming the median: 15.30;
 * within 5: 70.0 % [65.1, 74.6]`. Undefined where there is no number.
 */
export function numberFiguresText({
  mae,
  withinFive,
  medianMae,
}: OptionalNumberFigures): string | undefined {
  if (mae === undefined || withinFive === undefined || medianMae === undefined) return undefined;
  return `mean absolute error ${plain(mae)}; always naming the median: ${medianMae.toFixed(2)}; within 5: ${intervalText(withinFive)}`;
}

const plain = ({ value, low, high }: Interval): string =>
  `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
