import type { EvaluatedImages } from './evaluation-record.js';

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
