import { countText, OptionsError, type StepRecord } from '@janus/core';
import type { Figure } from './figure.js';
import { curveTraces, type CurvesOptions } from './learning-curves.js';
import { placeRecords, seriesOf } from './series.js';
import { plainText } from './text.js';
import { axis, layoutOf, legendAt, PALETTE, SERIES_COLOURS, THEMES } from './theme.js';

/** Groups of a GAN's losses; only losses of one group are comparable. */
type LossGroup = 'adversarial' | 'discriminators' | 'reconstruction';

const GROUP_TITLES: Readonly<Record<LossGroup, string>> = {
  adversarial: 'Generators',
  discriminators: 'Discriminators',
  reconstruction: 'Cycle, identity, change, pairs (L1)',
};

/** Returns the group of a loss by its name; undefined for sums over groups (`total`). */
export function lossGroupOf(name: string): LossGroup | undefined {
  if (/total|^loss$|^generators?$/i.test(name)) return undefined;
  if (/cycle|identity|change|pair|reconstruct/i.test(name)) return 'reconstruction';
  if (/^d([xy_]|$)|discriminator/i.test(name)) return 'discriminators';
  return 'adversarial';
}

/** A domain has the same colour in all panels. */
function domainColour(name: string): string | undefined {
  if (name.endsWith('X')) return PALETTE.blue;
  if (name.endsWith('Y')) return PALETTE.orange;
  return undefined;
}

const DASHES = ['solid', 'dash', 'dot'] as const;

/**
 * Draws the losses of a CycleGAN over the updates, in one panel each for generators, discriminators and
 * reconstruction, smoothed and with the raw curves behind.
 *
 * @param records of one run, as its `metrics.jsonl` holds them
 * @throws OptionsError when no record has a loss of a known group
 */
export function ganLosses(records: readonly StepRecord[], options: CurvesOptions = {}): Figure {
  const steps = records.filter((record) => record.kind === 'step');
  const placed = placeRecords(steps.length > 0 ? steps : records);
  // A term that is switched off is recorded as 0 throughout and gets no curve.
  const names = [...new Set(placed.flatMap(({ record }) => Object.keys(record.losses)))].filter(
    (name) => placed.some(({ record }) => (record.losses[name] ?? 0) !== 0),
  );
  const groups = (['adversarial', 'discriminators', 'reconstruction'] as const)
    .map((group) => ({ group, names: names.filter((name) => lossGroupOf(name) === group) }))
    .filter((each) => each.names.length > 0);
  if (groups.length === 0) {
    throw new OptionsError(
      `ganLosses: records must carry the losses of generators or discriminators, but got ${names.length === 0 ? 'none' : names.join(', ')}. Read metrics.jsonl of a CycleGAN run.`,
    );
  }
  const gap = 0.12;
  const share = (1 - gap * (groups.length - 1)) / groups.length;
  const axisNumber = (i: number): string => (i === 0 ? '' : String(i + 1));
  const top = (i: number): number => 1 - i * (share + gap);
  const traces = groups.flatMap(({ names: inGroup }, i) => {
    const used = new Map<string, number>();
    return inGroup.flatMap((name, j) => {
      const colour = domainColour(name) ?? SERIES_COLOURS[(j + 2) % SERIES_COLOURS.length] ?? '';
      const before = used.get(colour) ?? 0;
      used.set(colour, before + 1);
      return curveTraces(
        seriesOf(placed, (record) => record.losses[name]),
        {
          name: plainText(name),
          colour,
          dash: DASHES[before % DASHES.length] ?? 'solid',
          yaxis: `y${axisNumber(i)}`,
          legend: `legend${axisNumber(i)}`,
          smoothing: options.smoothing,
          markers: placed.length <= 20,
        },
      );
    });
  });
  return {
    data: traces,
    layout: layoutOf({
      title: options.title ?? 'CycleGAN losses',
      subtitle: `${countText(placed.at(-1)?.x ?? 0)} updates; pale: raw values, dark: moving average`,
      height: 150 + 180 * groups.length,
      parts: {
        xaxis: axis('Updates (batches seen)', {
          anchor: `y${axisNumber(groups.length - 1)}`,
          rangemode: 'tozero',
        }),
        ...Object.fromEntries(
          groups.map((_, i) => [
            `yaxis${axisNumber(i)}`,
            axis('Loss', { domain: [Math.max(0, top(i) - share), top(i)], rangemode: 'tozero' }),
          ]),
        ),
        // One legend per panel: a single one with eight names is too wide for a narrow page.
        ...Object.fromEntries(
          groups.map((_, i) => [`legend${axisNumber(i)}`, { ...legendAt('left'), y: top(i) }]),
        ),
        annotations: groups.map(({ group }, i) => ({
          xref: 'paper',
          yref: 'paper',
          x: 1,
          y: top(i),
          xanchor: 'right',
          yanchor: 'top',
          showarrow: false,
          text: GROUP_TITLES[group],
          font: { size: 12.5, color: THEMES.light.mutedText },
        })),
      },
    }),
  };
}
