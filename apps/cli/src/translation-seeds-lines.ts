/** A CycleGAN trained with several seeds as lines for a person. */
import { percentText, type SeedsDirection, type SeedsMean } from '@janus/core';
import type { TranslationSeedsResult } from '@janus/runs';
import { countedSeeds, endLines, variedTexts } from './seeds-lines.js';

/** What measures are called, by place in the evaluation, with the digits that are printed; `null`: a share, in percent. */
const MEASURES: Readonly<Record<string, readonly [name: string, digits: number | null]>> = {
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

/** Returns what is printed of several seeds: a line a measure, both ways. */
export function translationSeedsLines(result: TranslationSeedsResult): readonly string[] {
  const { domains, judge, xToY, yToX } = result;
  const { x, y } = domains;
  const linesOf = (from: string, to: string, direction: SeedsDirection): readonly string[] => {
    const { n, measures } = direction;
    const judged = judge === null ? '' : `, judged by ${judge}`;
    return [
      `${from} to ${to}, ${countedSeeds(measures)}, n = ${n}${judged}:`,
      ...Object.entries(measures).map(([name, mean]) => `  ${measureLine(name, to, mean)}`),
    ];
  };
  return [
    ...(xToY === undefined ? [] : linesOf(x, y, xToY)),
    ...(yToX === undefined ? [] : linesOf(y, x, yToX)),
    ...endLines(result),
  ];
}

/** Returns a measure: `twin error, pixels 0.62 (by seed 0.60, 0.64; standard deviation 0.03, other seeds [0.37, 0.87])`. */
function measureLine(name: string, to: string, mean: SeedsMean): string {
  const drifts = name.startsWith('drift.') ? `${name.slice('drift.'.length)} changes` : name;
  const [known, digits] = MEASURES[name] ?? [drifts, null];
  const words = name === 'judgedAsTarget' ? `${known} ${to}` : known;
  const plain = (value: number): string =>
    digits === null ? (100 * value).toFixed(1) : value.toFixed(digits);
  const value = mean.seeds?.value ?? mean.values[0] ?? NaN;
  const varied = variedTexts(mean, plain);
  return `${words} ${digits === null ? percentText(value) : plain(value)}${varied.length === 0 ? '' : ` (${varied.join(', ')})`}`;
}
