import { OptionsError } from '@janus/core';
import type { Figure, Trace } from './figure.js';
import { seedsText } from './learning-bands.js';
import { referenceLine } from './marks.js';
import { bandTraces } from './seed-band.js';
import { plainText } from './text.js';
import { axis, layoutOf, PALETTE, rateAxis, SERIES_COLOURS } from './theme.js';

/** What a run had reached after some minutes. */
export interface QualityPoint {
  /** Wall-clock minutes of training, above 0 on a logarithmic axis. */
  readonly minutes: number;
  /** In the unit of the figure. */
  readonly value: number;
}

/** A recipe with its runs, which differ by their seed. */
export interface RecipeRuns {
  readonly name: string;
  /** The points of each run, in the order of training. */
  readonly runs: readonly (readonly QualityPoint[])[];
}

/** Options of {@link qualityOverMinutes}. */
export interface QualityOverMinutesOptions {
  /** Default `Quality over time`. */
  readonly title?: string;
  /** The measure and its unit, for the axis: `Judged as target (%)`. */
  readonly quality: string;
  /** `rate`: values are 0 to 1 and shown in percent. Default `number`. */
  readonly unit?: 'rate' | 'number';
  /** Scale of the minutes; `log` where a recipe is many times as fast as another. Default `linear`. */
  readonly scale?: 'linear' | 'log';
  /** Whether higher or lower values are better, stated below the title; default: not stated. */
  readonly better?: 'higher' | 'lower';
  /** A value to compare with, such as that of real images; default none. */
  readonly reference?: { readonly value: number; readonly label: string };
}

const begun = (recipe: RecipeRuns): RecipeRuns => ({
  ...recipe,
  runs: recipe.runs.filter((run) => run.length > 0),
});

function check(recipes: readonly RecipeRuns[], scale: 'linear' | 'log'): void {
  const points = recipes.flatMap(({ runs }) => runs.flat());
  if (points.length === 0) {
    throw new OptionsError(
      'qualityOverMinutes: recipes must hold a run with a point, but got none. Measure a run while it trains.',
    );
  }
  const lowest = Math.min(...points.map(({ minutes }) => minutes));
  if (lowest < 0 || (scale === 'log' && lowest === 0)) {
    throw new OptionsError(
      `qualityOverMinutes: minutes must be ${scale === 'log' ? 'above 0 on a logarithmic axis' : 'at least 0'}, but got ${lowest}. Leave the point out${scale === 'log' ? ", or use the scale 'linear'" : ''}.`,
    );
  }
}

/** Returns ticks at 1, 2 and 5 times the powers of 10 within the minutes. */
function ticksOf(recipes: readonly RecipeRuns[]): Readonly<Record<string, unknown>> {
  const minutes = recipes.flatMap(({ runs }) => runs.flat().map((point) => point.minutes));
  const [from, to] = [Math.log10(Math.min(...minutes)), Math.log10(Math.max(...minutes))];
  const powers = Array.from({ length: Math.ceil(to) - Math.floor(from) + 1 }, (_, i) => i);
  const ticks = powers.flatMap((i) => [1, 2, 5].map((each) => each * 10 ** (Math.floor(from) + i)));
  return {
    tickmode: 'array',
    tickvals: ticks,
    ticktext: ticks.map((tick) => String(Number(tick.toPrecision(3)))),
  };
}

/**
 * Draws how good recipes are after how many minutes of training: a line for each with the mean of its runs, and the range of the runs
 * as an area. Where a recipe's runs ended at different times, mean and range end with the first.
 *
 * @throws OptionsError when there is no point, or minutes are below 0, or 0 on a logarithmic axis
 */
export function qualityOverMinutes(
  recipes: readonly RecipeRuns[],
  options: QualityOverMinutesOptions,
): Figure {
  const { title = 'Quality over time', quality, unit = 'number', scale = 'linear' } = options;
  const { better, reference } = options;
  check(recipes, scale);
  const traces = recipes.map(begun).flatMap(({ name, runs }, i): readonly Trace[] =>
    bandTraces(
      runs.map((run) => ({
        x: run.map(({ minutes }) => minutes),
        y: run.map(({ value }) => value),
      })),
      {
        name: plainText(name),
        colour: SERIES_COLOURS[i % SERIES_COLOURS.length] ?? PALETTE.blue,
        yaxis: 'y',
        markers: runs.every((run) => run.length <= 30),
      },
    ),
  );
  const counts = [...new Set(recipes.map(({ runs }) => runs.length))];
  const seeds =
    counts.length === 1
      ? seedsText(counts[0] ?? 1)
      : `mean and range of ${Math.min(...counts)} to ${Math.max(...counts)} runs, each run pale`;
  const legendHeight = 26 * Math.ceil(recipes.length / 3);
  return {
    data: traces,
    layout: layoutOf({
      title: plainText(title),
      subtitle: `${seeds}${better === undefined ? '' : `; ${better} is better`}`,
      height: 400 + legendHeight,
      parts: {
        showlegend: true,
        margin: { l: 64, r: 24, t: 72 + legendHeight, b: 54, pad: 2 },
        xaxis: axis(`Training time (minutes${scale === 'log' ? ', logarithmic' : ''})`, {
          ...(scale === 'log' ? { type: 'log', ...ticksOf(recipes) } : { rangemode: 'tozero' }),
        }),
        yaxis: unit === 'rate' ? rateAxis(plainText(quality)) : axis(plainText(quality)),
        shapes: reference === undefined ? [] : [referenceLine({ axis: 'y', at: reference.value })],
        annotations:
          reference === undefined
            ? []
            : [
                {
                  ...{ xref: 'paper', yref: 'y', x: 1, y: reference.value },
                  ...{ xanchor: 'right', yanchor: 'bottom', showarrow: false },
                  text: plainText(reference.label),
                  font: { size: 12, color: PALETTE.grey },
                },
              ],
      },
    }),
  };
}
