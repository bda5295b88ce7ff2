import { OptionsError } from '@janus/core';

/** The Inception Score of one set of images. */
export interface InceptionScore {
  /** Over the splits. */
  readonly mean: number;
  /** Population deviation over the splits; 0 for one. */
  readonly deviation: number;
}

/**
 * Returns the Inception Score of images, from 1 to the number of classes: per split, the exponential of the mean divergence
 * of each image's class probabilities from their mean. It says little of translations, and nothing of whether the images
 * are like the real ones.
 *
 * @param probabilities one row an image, each adding up to 1
 * @param splits consecutive parts of equal length; default 1. Published scores use 10
 * @throws OptionsError when a split would have no image
 *
 * Source: Salimans et al. 2016, arXiv 1606.03498, section 4.
 */
export function inceptionScore(
  probabilities: readonly (readonly number[])[],
  splits = 1,
): InceptionScore {
  const n = probabilities.length;
  if (!Number.isInteger(splits) || splits < 1 || splits > n) {
    throw new OptionsError(
      `inceptionScore: splits must be a whole number from 1 to the number of images, ${n}, but got ${splits}. Use 1.`,
    );
  }
  const scores = Array.from({ length: splits }, (_, i) =>
    scoreOf(probabilities.slice(Math.floor((i * n) / splits), Math.floor(((i + 1) * n) / splits))),
  );
  const mean = scores.reduce((sum, score) => sum + score, 0) / splits;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / splits;
  return { mean, deviation: Math.sqrt(variance) };
}

function scoreOf(rows: readonly (readonly number[])[]): number {
  const [first = []] = rows;
  const mean = first.map((_, c) => rows.reduce((sum, row) => sum + (row[c] ?? 0), 0) / rows.length);
  const divergence = (row: readonly number[]): number =>
    row.reduce((sum, p, c) => (p === 0 ? sum : sum + p * Math.log(p / (mean[c] ?? 0))), 0);
  return Math.exp(rows.reduce((sum, row) => sum + divergence(row), 0) / rows.length);
}
