/** What the measures of several seeds are called, and how their values are written. */
import { percentText } from './number-text.js';
import type { SeedsLeft } from './seeds-record.js';

/** A measure's words and numbers, for people. */
export interface SeedsMeasureText {
  /** `balanced accuracy`, `judged as dogs`. */
  readonly words: string;
  /** Returns a value with its unit: `93.1 %`. */
  readonly text: (value: number) => string;
  /** Returns a value without it, for lists and intervals: `93.1`. */
  readonly plain: (value: number) => string;
}

/** What measures are called, by their name in `seeds.json`, with the digits that are printed; `null`: a share, in percent. */
const MEASURES: Readonly<Record<string, readonly [words: string, digits: number | null]>> = {
  accuracy: ['accuracy', null],
  balancedAccuracy: ['balanced accuracy', null],
  mae: ['mean absolute error', 2],
  judgedAsTarget: ['judged as', null],
  kid: ['kernel distance', 3],
  frechet: ['Fréchet distance', 3],
  'neighbourhoods.precision': ['precision', 2],
  'neighbourhoods.recall': ['recall', 2],
  'neighbourhoods.density': ['density', 2],
  'neighbourhoods.coverage': ['coverage', 2],
  inceptionScore: ['Inception Score', 2],
  'twinError.features': ['twin error, features', 2],
  'twinError.pixels': ['twin error, pixels', 2],
  face: ['face, cosine to the original', 2],
  changeL1: ['change, mean |G(x) - x|', 3],
  identityL1: ['identity error, mean |G(y) - y|', 3],
  cycleL1: ['cycle error, mean |F(G(x)) - x|', 3],
  'cycle.psnr': ['cycle, PSNR in dB', 1],
  'cycle.ssim': ['cycle, SSIM', 3],
  'cycle.perceptual': ['cycle, perceptual distance', 3],
};

/**
 * Returns how a measure of several seeds is written; one that is not known counts as a share, `drift.<attribute>` as that of
 * images whose attribute changes.
 *
 * @param name as in `seeds.json`
 * @param to title of the domain that a translation leads to
 */
export function seedsMeasureText(name: string, to?: string): SeedsMeasureText {
  const drifts = name.startsWith('drift.') ? `${name.slice('drift.'.length)} changes` : name;
  const [known, digits] = MEASURES[name] ?? [drifts, null];
  const words = name === 'judgedAsTarget' && to !== undefined ? `${known} ${to}` : known;
  const plain = (value: number): string =>
    digits === null ? (100 * value).toFixed(1) : value.toFixed(digits);
  return { words, plain, text: digits === null ? percentText : plain };
}

/** Returns that a seed is not finished, or a fold of it. */
export function seedLeftText({ seed, fold }: Pick<SeedsLeft, 'seed' | 'fold'>): string {
  return fold === undefined
    ? `Seed ${seed} is not finished.`
    : `Fold ${fold} of seed ${seed} is not finished.`;
}
