/** What a classifier's training tells while it runs. */
import { appendMetrics, peakRssMb, percentText, type Reporter, type StepRecord } from '@janus/core';
import type { FinishedRun, RunContext } from '../context.js';
import type { ClassifierRunOptions } from './options.js';

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
  readonly result: (finished: boolean) => FinishedClassifierRun;
}

/** Returns a watch over the records of a run that begins after `firstStep` updates. */
export function createWatch({ folder, options, context }: Watched, firstStep: number): Watch {
  const began = performance.now();
  let steps = firstStep;
  let images = 0;
  let validationAccuracy: number | null = null;
  return {
    listen: async (record) => {
      await appendMetrics(folder, [record]);
      steps = record.step;
      if (record.kind === 'step') images += options.batchSize;
      if (record.split === 'validation') validationAccuracy = record.metrics?.['accuracy'] ?? null;
      await context.onRecord?.(record);
    },
    result: (finished) => {
      const seconds = (performance.now() - began) / 1000;
      const imagesPerSecond = seconds > 0 ? images / seconds : 0;
      const counts = { steps, seconds, imagesPerSecond, peakRssMb: peakRssMb() };
      return { folder, finished, ...counts, validationAccuracy };
    },
  };
}

/** Reports a record: progress within an epoch, a line at its end. */
export function reportRecord(reporter: Reporter, record: StepRecord, stepsPerEpoch: number): void {
  const { phase = '', losses, metrics } = record;
  const loss = losses['crossEntropy'] ?? 0;
  if (record.kind === 'step') {
    const done = record.step % stepsPerEpoch || stepsPerEpoch;
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
