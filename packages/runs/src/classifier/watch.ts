/** What a classifier's training tells while it runs. */
import {
  peakRssMb,
  percentText,
  SILENT,
  type NumericalError,
  type Reporter,
  type StepRecord,
} from '@janus/core';
import type { FinishedRun, RunContext } from '../context.js';
import { openDivergenceAlarm } from '../divergence.js';
import { openRecordWriter } from '../event-files.js';
import type { ClassifierRunOptions } from './options.js';
import { phasesOf } from './phase-order.js';
import { imagesPerUpdate } from './recipe.js';

/** How a classifier run ended. */
export interface FinishedClassifierRun extends FinishedRun {
  /** On the validation split, after the last epoch of this call, 0 to 1; null before the first. */
  readonly validationAccuracy: number | null;
}

/** The run that is watched. */
interface Watched {
  readonly folder: string;
  readonly options: ClassifierRunOptions;
  readonly context: RunContext;
}

/** Counts what a call trains. */
export interface Watch {
  readonly listen: (record: StepRecord) => Promise<void>;
  /** Returns how the call ended; reports a divergence. */
  readonly result: (finished: boolean) => FinishedClassifierRun;
  /** Returns how a call ended whose loss was not finite. */
  readonly failed: (error: NumericalError) => FinishedClassifierRun;
}

/** Updates in a row whose loss is far above its start: single batches can be, and the first few of a large rate. */
const DIVERGED_UPDATES = 10;

/**
 * Returns a watch over the records of a run that begins after `firstStep` updates.
 *
 * @param given `startLoss`: of equal probabilities, nats
 */
export async function createWatch(
  { folder, options, context }: Watched,
  { firstStep, startLoss }: { readonly firstStep: number; readonly startLoss: number },
): Promise<Watch> {
  const began = performance.now();
  const alarm = await openDivergenceAlarm(folder, {
    starts: { crossEntropy: startLoss },
    fromFirstUpdate: true,
    inARow: DIVERGED_UPDATES,
    reporter: context.reporter ?? SILENT,
    wayOut: wayOut(options),
  });
  const write = await openRecordWriter(folder, context.tensorboard);
  let steps = firstStep;
  let images = 0;
  let validationAccuracy: number | null = null;
  const ended = (finished: boolean): Omit<FinishedClassifierRun, 'diverged'> => {
    const seconds = (performance.now() - began) / 1000;
    const imagesPerSecond = seconds > 0 ? images / seconds : 0;
    const counts = { steps, seconds, imagesPerSecond, peakRssMb: peakRssMb() };
    return { folder, finished, ...counts, validationAccuracy };
  };
  return {
    listen: async (record) => {
      await write(record);
      alarm.see(record);
      steps = record.step;
      if (record.kind === 'step') images += imagesPerUpdate(options);
      if (record.split === 'validation') validationAccuracy = record.metrics?.['accuracy'] ?? null;
      await context.onRecord?.(record);
    },
    result: (finished) => ({ ...ended(finished), ...alarm.end() }),
    failed: (error) => ({ ...ended(false), diverged: alarm.fail(error) }),
  };
}

/** Returns what to change when a run diverges. */
function wayOut(options: ClassifierRunOptions): string {
  const { learningRate, fineTuneLearningRate } = options;
  const ofBlocks = phasesOf(options).includes('fine-tune')
    ? ` or --fine-tune-learning-rate (${fineTuneLearningRate})`
    : '';
  return `Lower --learning-rate (${learningRate})${ofBlocks} and start over with --overwrite, or from an earlier run's weights with --from.`;
}

/** Reports the fit of a linear head. */
export function reportFit(
  reporter: Reporter,
  { split, losses, metrics }: Pick<StepRecord, 'split' | 'losses' | 'metrics'>,
): void {
  if (split !== 'validation') return;
  reporter.log(
    `head, penalty ${metrics?.['penalty'] ?? NaN}: validation loss ${(losses['crossEntropy'] ?? NaN).toFixed(4)}, accuracy ${percentText(metrics?.['accuracy'] ?? 0)}`,
  );
}

/**
 * Reports a record: progress within an epoch, a line at its end.
 *
 * @param phase `stepsBefore`: steps of the phases before, default 0
 */
export function reportRecord(
  reporter: Reporter,
  record: StepRecord,
  {
    stepsPerEpoch,
    stepsBefore = 0,
  }: { readonly stepsPerEpoch: number; readonly stepsBefore?: number | undefined },
): void {
  const { phase = '', losses, metrics } = record;
  const loss = losses['crossEntropy'] ?? 0;
  if (record.kind === 'step') {
    const done = (record.step - stepsBefore) % stepsPerEpoch || stepsPerEpoch;
    const label = `${phase}, epoch ${record.epoch + 1}`;
    reporter.progress({
      ...{ done, total: stepsPerEpoch, unit: 'steps', label },
      note: `loss ${loss.toFixed(3)}`,
    });
  } else if (record.split === 'validation') {
    reporter.log(
      `${phase}, epoch ${record.epoch}: validation loss ${loss.toFixed(4)}, accuracy ${percentText(metrics?.['accuracy'] ?? 0)}`,
    );
  }
}
