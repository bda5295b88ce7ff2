/** Comparing classifiers on the same items, two at a time. */
import { OptionsError } from './errors.js';

/** The items on which two classifiers differ. */
export interface DiscordantPairs {
  /** Items that only the first classifier got right. */
  readonly onlyFirst: number;
  /** Items that only the second classifier got right. */
  readonly onlySecond: number;
}

/** The comparison that {@link mcnemar} makes. */
export interface McNemarResult extends DiscordantPairs {
  /** Two-sided exact binomial probability, 0 to 1; 1 where the two never differ. */
  readonly p: number;
}

/**
 * Counts the items that only one of two classifiers got right.
 *
 * @param first whether the first classifier got each item right
 * @param second the same of the second
 * @throws OptionsError when the two differ in length
 */
export function discordantPairs(
  first: readonly boolean[],
  second: readonly boolean[],
): DiscordantPairs {
  if (first.length !== second.length) {
    throw new OptionsError(
      `discordantPairs: both classifiers must have the same items, but got ${first.length} and ${second.length}. Evaluate both on one test split.`,
    );
  }
  let onlyFirst = 0;
  let onlySecond = 0;
  first.forEach((right, i) => {
    if (right && second[i] === false) onlyFirst++;
    if (!right && second[i] === true) onlySecond++;
  });
  return { onlyFirst, onlySecond };
}

/**
 * Compares two classifiers on the same items by the exact McNemar test.
 *
 * @throws OptionsError when a count is not a whole number of at least 0
 * Source: McNemar 1947; exact form min(1, 2 BinomCDF(min(b, c); b + c, 1/2)).
 */
export function mcnemar({ onlyFirst, onlySecond }: DiscordantPairs): McNemarResult {
  const wrong = [onlyFirst, onlySecond].find((count) => !Number.isInteger(count) || count < 0);
  if (wrong !== undefined) {
    throw new OptionsError(
      `mcnemar: counts must be whole numbers of at least 0, but got ${wrong}. Count with discordantPairs.`,
    );
  }
  const n = onlyFirst + onlySecond;
  const few = Math.min(onlyFirst, onlySecond);
  let logTerm = -n * Math.LN2;
  let sum = 0;
  for (let k = 0; k <= few; k++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(n - k) - Math.log(k + 1);
  }
  return { onlyFirst, onlySecond, p: Math.min(1, 2 * sum) };
}

/**
 * Returns p values adjusted for their number by Holm's method, in the order given: comparing each with a level keeps the
 * chance of any false alarm among them below that level, whatever they depend on.
 *
 * @param ps probabilities, 0 to 1
 * @throws OptionsError when one is not a probability
 * Source: Holm 1979, Scand. J. Statist. 6.
 */
export function holm(ps: readonly number[]): readonly number[] {
  const wrong = ps.find((p) => !(p >= 0 && p <= 1));
  if (wrong !== undefined) {
    throw new OptionsError(
      `holm: p values must be from 0 to 1, but got ${wrong}. Pass probabilities.`,
    );
  }
  const order = ps.map((_, i) => i).sort((a, b) => (ps[a] ?? 0) - (ps[b] ?? 0));
  const adjusted = ps.map(() => 1);
  let least = 0;
  order.forEach((i, rank) => {
    least = Math.max(least, Math.min(1, (ps.length - rank) * (ps[i] ?? 1)));
    adjusted[i] = least;
  });
  return adjusted;
}
