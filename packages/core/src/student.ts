/** Student's t: the interval of a mean of few values. */
import { OptionsError } from './errors.js';
import type { Interval } from './statistics.js';

/** A mean with its interval and how much single values vary. */
export interface MeanInterval extends Interval {
  /** Standard deviation of the values, with n - 1. */
  readonly deviation: number;
}

/** Halvings of the interval in which a quantile lies: more than float64 can tell apart. */
const HALVINGS = 200;

/**
 * Returns the share of Student's t that lies between -t and t.
 *
 * @param freedom degrees of freedom, a whole number from 1
 * Source: Abramowitz and Stegun 1964, 26.7.3 and 26.7.4, exact finite series.
 */
function centralShare(t: number, freedom: number): number {
  const angle = Math.atan(t / Math.sqrt(freedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = freedom % 2 === 1;
  // Odd: 1 + 2/3 cos² + (2·4)/(3·5) cos⁴ ..., times cos; even: 1 + 1/2 cos² + (1·3)/(2·4) cos⁴ ...
  let term = 1;
  let sum = freedom === 1 ? 0 : 1;
  for (let k = isOdd ? 2 : 1; k <= freedom - 3; k += 2) {
    term *= (cosine * cosine * k) / (k + 1);
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * cosine * sum) : sine * sum;
}

/**
 * Returns the quantile of Student's t for a two-sided 95 % interval.
 *
 * @param freedom degrees of freedom, a whole number from 1
 * @throws OptionsError when it is not
 */
export function studentQuantile95(freedom: number): number {
  if (!Number.isInteger(freedom) || freedom < 1) {
    throw new OptionsError(
      `studentQuantile95: degrees of freedom must be a whole number from 1, but got ${freedom}. Two values have 1.`,
    );
  }
  // The largest quantile, of 1 degree of freedom, is 12.7.
  let [low, high] = [1, 13];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (centralShare(middle, freedom) < 0.95) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Returns the mean of values with its 95 % interval by Student's t, for values that are independent and about normal.
 *
 * @throws OptionsError when there are fewer than two values, which tell no variation
 */
export function meanInterval(values: readonly number[]): MeanInterval {
  const n = values.length;
  if (n < 2) {
    throw new OptionsError(
      `meanInterval: needs two values, but got ${n}. One alone tells nothing of how they vary.`,
    );
  }
  const value = values.reduce((a, b) => a + b, 0) / n;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - value) ** 2, 0) / (n - 1));
  const half = (studentQuantile95(n - 1) * deviation) / Math.sqrt(n);
  return { value, deviation, low: value - half, high: value + half };
}
