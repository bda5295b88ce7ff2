/** What watches a translation while it is trained: its discriminators' losses, and what its samples show. */
import { readMetrics } from '@janus/core';
import { undecidedLoss, type SampleOptions } from '@janus/models';
import { collapseAlarm, type CollapseAlarm } from '../collapse.js';
import { DIVERGED_RECORDS, openDivergenceAlarm, type DivergenceAlarm } from '../divergence.js';
import type { OpenTranslation, TranslationOptions } from './open-translation.js';
import type { CycleGanRunOptions } from './options.js';
import { alarmsOf, readSamples } from './samples.js';

type WatchedRun = OpenTranslation<
  TranslationOptions & Pick<CycleGanRunOptions, 'adversarial' | 'discriminatorLrFactor'>
>;

/**
 * Returns what watches discriminators' losses; the others are bounded by the range of pixels.
 *
 * @param losses their names
 */
export async function openDiscriminatorAlarm(
  { folder, options, reporter }: Pick<WatchedRun, 'folder' | 'options' | 'reporter'>,
  losses: readonly string[],
): Promise<DivergenceAlarm> {
  const { learningRate, discriminatorLrFactor } = options;
  const start = undecidedLoss(options.adversarial);
  return await openDivergenceAlarm(folder, {
    starts: Object.fromEntries(losses.map((name) => [name, start])),
    inARow: DIVERGED_RECORDS,
    reporter,
    wayOut: `Lower --learning-rate (${learningRate}) or --discriminator-lr-factor (${discriminatorLrFactor}) and start over with --overwrite, or from an earlier run's weights with --from.`,
  });
}

/** Returns what watches for a collapse, having seen what the run has up to `step`. */
export async function openCollapseAlarm(
  { folder, options, reporter }: Pick<WatchedRun, 'folder' | 'options' | 'reporter'>,
  watch: SampleOptions,
  step: number,
): Promise<CollapseAlarm> {
  const records = await readMetrics(folder);
  const samples = await readSamples(folder, { upTo: step });
  const seen = samples.map((each) => ({ step: each.step, alarms: alarmsOf(each, watch) }));
  return collapseAlarm(
    { start: undecidedLoss(options.adversarial), warmup: options.discriminatorWarmup },
    { records, samples: seen },
    reporter,
  );
}
