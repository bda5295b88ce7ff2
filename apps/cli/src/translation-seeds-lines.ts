/** A CycleGAN trained with several seeds as lines for a person. */
import { seedsMeasureText, type SeedsDirection, type SeedsMean } from '@janus/core';
import type { TranslationSeedsResult } from '@janus/runs';
import { countedSeeds, endLines, variedTexts } from './seeds-lines.js';

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
  const { words, text, plain } = seedsMeasureText(name, to);
  const value = mean.seeds?.value ?? mean.values[0] ?? NaN;
  const varied = variedTexts(mean, plain);
  return `${words} ${text(value)}${varied.length === 0 ? '' : ` (${varied.join(', ')})`}`;
}
