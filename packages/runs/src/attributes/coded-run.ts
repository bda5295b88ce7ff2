/** How a run of a generator that sets attributes is opened: its data, engine, plan, folder and record, whatever trains it. */
import { join, resolve } from 'node:path';
import {
  countText,
  SILENT,
  stepsPerEpochOf,
  type Reporter,
  type RunKind,
  type RunRecord,
} from '@janus/core';
import { measureSpeed, type MeasuredSpeed } from '@janus/engine';
import { startEngine, type FinishedRun, type RunContext } from '../context.js';
import {
  DIVERGED_RECORDS,
  openDivergenceAlarm,
  type DivergenceAlarm,
  type DivergenceWatchOptions,
} from '../divergence.js';
import { keepParts } from '../parts.js';
import { decidePrecision, type WithPrecision } from '../precision.js';
import { onlyNamed, type Extendable } from '../run-extension.js';
import { closeRun, folderName, openRun } from '../run-folder.js';
import { whileTraining } from '../run-stop.js';
import type { TrainingPlan } from '../training-plan.js';
import { labelsOf } from './attribute-codes.js';
import { codedParts, codedTrainingSet, type CodedDataset } from './coded-data.js';
import type { CodedRunOptions } from './options.js';

/** What is known of a run's data before its folder is opened. */
export interface CodedFacts {
  /** The images in words. */
  readonly images: string;
  /** Numbers that say what an image has. */
  readonly labels: number;
  readonly stepsPerEpoch: number;
  readonly speed: MeasuredSpeed;
}

/** What differs between the kinds of run. */
export interface CodedKind<Options> {
  readonly kind: Extract<RunKind, 'stargan' | 'icgan'>;
  /** Returns what the options will train. */
  readonly plan: (options: Options, facts: CodedFacts) => TrainingPlan;
  /** Returns how a run in a folder is extended; default not at all. */
  readonly extension?: (folder: string, facts: CodedFacts) => Extendable<WithPrecision<Options>>;
  readonly train: (run: CodedRun<Options>) => Promise<FinishedRun>;
}

/** A run that is under way. */
export interface CodedRun<Options> {
  readonly folder: string;
  readonly coded: CodedDataset;
  readonly labels: number;
  readonly options: WithPrecision<Options>;
  readonly record: RunRecord<WithPrecision<Options>>;
  readonly plan: TrainingPlan;
  readonly reporter: Reporter;
  readonly context: RunContext;
}

/**
 * Opens a run, trains it, and closes it.
 *
 * @throws OptionsError when an option is out of range or the folder holds a run that may not be replaced;
 * DataError when the data has no images with these attributes; EnvironmentError when another process writes into the folder
 */
export async function runCoded<Options extends CodedRunOptions>(
  options: Options,
  context: RunContext,
  { kind, plan: planOf, extension, train }: CodedKind<Options>,
): Promise<FinishedRun> {
  const { reporter = SILENT, existing = 'refuse' } = context;
  const { attributes } = options;
  const { coded, count } = await codedTrainingSet(options);
  const engine = await startEngine({ ...context, reporter: SILENT });
  const facts = {
    images: `${countText(count)} images with ${attributes.join(', ')}`,
    labels: labelsOf(coded.codes),
    stepsPerEpoch: stepsPerEpochOf({ count, batchSize: options.batchSize }),
    speed: await measureSpeed(),
  };
  const plan = planOf(options, facts);
  reporter.log(plan.text);
  reporter.log(engine.line);
  const { folder = join('runs', folderName(`${kind}-${attributes.join('-')}`)) } = context;
  return await whileTraining({ folder, context, reporter }, async (stoppable) => {
    const resolved = await decidePrecision(
      { ...options, data: resolve(options.data) },
      { folder, existing, reporter },
    );
    const extendable = extension?.(folder, facts);
    const record = await openRun<WithPrecision<Options>>({
      ...{ kind, folder, engine, existing, reporter, options: resolved },
      name: attributes.join(', '),
      updates: plan.updates,
      dataHash: coded.dataset.hash,
      ...(extendable && { extendable: onlyNamed(extendable, context.extend) }),
    });
    await keepParts(folder, () => codedParts(coded, reporter.progress));
    const { labels } = facts;
    const opened = { folder, coded, labels, options: resolved, record, plan, reporter };
    const run = { ...opened, context: stoppable };
    const result = await train(run);
    await closeRun(record, result);
    return result;
  });
}

/**
 * Returns what watches the losses of a run; a divergence is reported with the way out.
 *
 * @param starts as those of {@link openDivergenceAlarm}
 */
export async function openCodedAlarm(
  { folder, options, reporter }: CodedRun<{ readonly learningRate: number }>,
  starts: DivergenceWatchOptions['starts'],
): Promise<DivergenceAlarm> {
  return await openDivergenceAlarm(folder, {
    ...{ starts, inARow: DIVERGED_RECORDS, reporter },
    wayOut: `Lower --learning-rate (${options.learningRate}) and start over with --overwrite.`,
  });
}
