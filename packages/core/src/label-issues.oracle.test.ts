import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  confidentJoint,
  confidentThresholds,
  findLabelIssues,
  LABEL_FILTERS,
  LABEL_QUALITY_METHODS,
  labelQuality,
  type DoubtedLabels,
} from './web.js';

/** What tools/oracles/confident_learning.py printed. */
interface Oracle {
  readonly cleanlab: string;
  readonly cases: readonly OracleCase[];
}

interface OracleCase {
  readonly images: number;
  readonly classes: number;
  readonly sureness: number;
  readonly noise: number;
  readonly fracNoise: number;
  readonly minExamplesPerClass: number;
  readonly seed: number;
  readonly thresholds: readonly number[];
  readonly joint: readonly (readonly number[])[];
  readonly issues: Readonly<Record<string, readonly number[]>>;
  readonly quality: Readonly<Record<string, readonly number[]>>;
}

const { cleanlab, cases } = JSON.parse(
  readFileSync(new URL('fixtures/confident-learning.json', import.meta.url), 'utf8'),
) as Oracle;

/** Means are added up in another order than NumPy's. */
const ROUNDING = 1e-12;

/** `chance` of tools/oracles/confident_learning.py. */
function chance(...numbers: readonly number[]): number {
  let state = 1;
  for (const number of numbers) {
    state = (state * 1103 + number * 7919 + 12345) % 2147483647;
    state = (state * 48271) % 2147483647;
  }
  return state / 2147483647;
}

/** `case` of tools/oracles/confident_learning.py. */
function dataOf({ images, classes, sureness, noise, seed }: OracleCase): DoubtedLabels {
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (let i = 0; i < images; i++) {
    const drawn = chance(seed, i, 1);
    const truth = Math.floor(drawn * Math.sqrt(drawn) * classes);
    const wrong = (truth + 1 + Math.floor(chance(seed, i, 3) * (classes - 1))) % classes;
    labels.push(chance(seed, i, 2) < noise ? wrong : truth);
    const raw = Array.from({ length: classes }, (_, k) => {
      const value = chance(seed, i, 10 + k) + (k === truth ? sureness * chance(seed, i, 4) : 0);
      return value * value;
    });
    const total = raw.reduce((a, b) => a + b, 0);
    probabilities.push(...raw.map((value) => value / total));
  }
  return { labels, probabilities, classes };
}

describe.each(cases)(
  `$images labels of $classes classes, of which cleanlab ${cleanlab} says the same`,
  (each) => {
    const given = dataOf(each);

    it('thresholds and counts are equal', () => {
      const thresholds = confidentThresholds(given);
      thresholds.forEach((threshold, k) => {
        expect(Math.abs(threshold - each.thresholds[k]!)).toBeLessThan(ROUNDING);
      });
      expect(confidentJoint(given).counts).toEqual(each.joint);
    });

    it.each(LABEL_FILTERS)('%s flags the same images in the same order', (filterBy) => {
      const prunes = filterBy.startsWith('prune') || filterBy === 'both';
      const { minExamplesPerClass, fracNoise, issues } = each;
      expect(
        findLabelIssues(given, {
          ...{ filterBy, minExamplesPerClass },
          ...(prunes ? { fracNoise } : {}),
        }),
      ).toEqual(issues[filterBy]);
    });

    it.each(LABEL_QUALITY_METHODS)('%s scores are equal', (method) => {
      const scores = labelQuality(given, method);
      each.quality[method]!.forEach((score, i) => {
        expect(Math.abs(scores[i]! - score)).toBeLessThan(ROUNDING);
      });
    });
  },
);
