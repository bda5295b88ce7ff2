/** A sweep over learning rates, which tells which ones train. */
import { resolve } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  exponentialSweep,
  NumericalError,
  OptionsError,
  SILENT,
  smoothedLosses,
  valleyOf,
  type BatchSource,
} from '@janus/core';
import {
  classifierSteps,
  createClassifierTraining,
  disposeWeights,
  type ClassifierBatch,
  type ClassifierPhase,
} from '@janus/models';
import { startEngine, type StoppableContext } from '../context.js';
import { decidePrecision } from '../precision.js';
import { chooseCut } from './auto-cut.js';
import { openClassifierData } from './classifier-data.js';
import { buildNetwork } from './network.js';
import {
  checkClassifierOptions,
  cutOf,
  normalisationOf,
  type ClassifierRunOptions,
  type ResolvedClassifierOptions,
} from './options.js';
import { isFittedPhase, phasesOf } from './phase-order.js';
import { featuresOfPhase, phaseParts } from './phases.js';
import { readClassifierStart } from './start.js';
import { phaseOptions } from './train-phases.js';
import {
  openTrainingParts,
  type TrainingParts,
  type TrainingPartsOptions,
} from './training-parts.js';
import { reportFit } from './watch.js';

/** The rates of a sweep. */
export interface RateSweep {
  /** Of the first update, above 0; default 1e-7, fastai's. */
  readonly first?: number;
  /** Of the last one; default 10, fastai's. */
  readonly last?: number;
  /** Updates, at least 20; default 100, fastai's. */
  readonly steps?: number;
}

/** What {@link findLearningRate} found. */
export interface FoundLearningRate {
  /** What was trained. */
  readonly phase: ClassifierPhase;
  /** The option that the rate is for. */
  readonly option: 'learningRate' | 'fineTuneLearningRate';
  /** The rate to begin with: fastai's valley; null where the loss never fell. */
  readonly suggestion: number | null;
  /** A tenth of the rate of the lowest loss: more than the suggestion as a rule. */
  readonly minimum: number;
  /** The rate and the smoothed training loss, nats, of each update, up to where the loss rose to 4 times its lowest. */
  readonly rows: readonly { readonly learningRate: number; readonly loss: number }[];
}

/** A loss this many times its lowest ends the sweep; fastai's. */
const DIVERGED = 4;
/** What a suggestion looks at: without the first tenth of the updates and the last five, as fastai. */
const SKIPPED = { first: 0.1, last: 5 };
const FEWEST_STEPS = 20;

/**
 * Trains with a rate that grows from update to update, and returns the losses with the rate to take. Nothing is kept but
 * features. It sweeps the rate of the first phase that is trained by steps; after a linear head, or from another run's
 * weights, that is fine-tuning.
 *
 * @throws OptionsError when no phase is trained by steps, or an option is out of range; the reason of the context's signal
 * when that is aborted; as `trainClassifier` otherwise
 * Source: Smith 2017, arXiv 1506.01186, with fastai's numbers.
 */
export async function findLearningRate(
  given: ClassifierRunOptions,
  sweep: RateSweep = {},
  context: StoppableContext = {},
): Promise<FoundLearningRate> {
  const { reporter = SILENT, signal } = context;
  const rates = checkedSweep(sweep);
  checkClassifierOptions(given);
  const phase = phaseToSweep(given);
  const { dataset, subject } = await openClassifierData(given, reporter);
  const { parts, classes } = subject;
  await startEngine(context);
  const nowhere = { folder: '', existing: 'refuse' } as const;
  const { options: chosen } = await chooseCut(given, { ...nowhere, dataset, context });
  const options: ResolvedClassifierOptions = await decidePrecision(
    { ...chosen, cut: cutOf(chosen), normalisation: normalisationOf(chosen) },
    { ...nowhere, reporter },
  );
  const from = given.from === undefined ? undefined : resolve(given.from);
  const start =
    from === undefined
      ? undefined
      : await readClassifierStart({ options: { ...options, from }, classes });
  const network = await buildNetwork(options, { start, reporter });
  let opened: TrainingParts | undefined;
  try {
    const objective = subject.objectiveOf(options);
    const run: TrainingPartsOptions = {
      ...{ dataset, parts, objective, options, network, start, reporter, signal },
    };
    opened = await openTrainingParts(run);
    if (phase === 'fine-tune' && start === undefined) await fitHead(run, opened);
    const losses = await lossesOf({ ...run, ...opened }, { phase, rates, reporter });
    return found(phase, losses, rates);
  } finally {
    if (opened !== undefined) disposeWeights(opened.dense);
    network.dispose();
  }
}

function checkedSweep({ first = 1e-7, last = 10, steps = 100 }: RateSweep): Required<RateSweep> {
  if (first > 0 && last > first && Number.isInteger(steps) && steps >= FEWEST_STEPS) {
    return { first, last, steps };
  }
  throw new OptionsError(
    `findLearningRate: first must be above 0, last above first and steps a whole number from ${FEWEST_STEPS}, but got ${first}, ${last} and ${steps}. The defaults are 1e-7, 10 and 100.`,
  );
}

function phaseToSweep(options: ClassifierRunOptions): ClassifierPhase {
  const phases = phasesOf(options).filter((phase) => !isFittedPhase(phase, options));
  const phase = options.from === undefined ? phases[0] : phases.at(-1);
  if (phase !== undefined) return phase;
  throw new OptionsError(
    'findLearningRate: a linear head is fitted exactly and has no learning rate. Name layers to fine-tune (--unfreeze), or a head that is trained by steps (--head 1x1024).',
  );
}

/** Fits the linear head on which fine-tuning begins. */
async function fitHead(run: TrainingPartsOptions, opened: TrainingParts): Promise<void> {
  const features = await featuresOfPhase('head', { ...run, ...opened });
  const fits = run.objective.fit(opened.dense, features, opened.scales);
  for await (const fit of fits) {
    reportFit(run.reporter, fit);
    await nextTurn(); // signals come through
    run.signal?.throwIfAborted();
  }
}

/** Returns the training loss of each update; the last is where the sweep ended. */
async function lossesOf(
  run: TrainingPartsOptions & TrainingParts,
  sweep: {
    readonly phase: ClassifierPhase;
    readonly rates: Required<RateSweep>;
    readonly reporter: NonNullable<StoppableContext['reporter']>;
  },
): Promise<readonly number[]> {
  const { phase, rates, reporter } = sweep;
  const { steps } = rates;
  const { model, sources } = await phaseParts(phase, run);
  const training = createClassifierTraining({
    ...phaseOptions(phase, { ...run, model }),
    ...{ learningRate: 1, epochs: steps, averageDecay: 0 },
    schedule: (step) => exponentialSweep(rates, step, steps),
  });
  const losses: number[] = [];
  let lowest = Infinity;
  try {
    const validation = firstBatchOf(sources.validation);
    for await (const record of classifierSteps(training, { train: sources.train, validation })) {
      run.signal?.throwIfAborted();
      if (record.kind !== 'step') continue;
      losses.push(record.losses['crossEntropy'] ?? NaN);
      const smoothed = smoothedLosses(losses).at(-1) ?? NaN;
      lowest = Math.min(lowest, smoothed);
      const done = losses.length;
      reporter.progress({ done, total: steps, unit: 'updates', label: 'sweeping rates' });
      if (done >= steps || smoothed > DIVERGED * lowest) break;
    }
  } catch (error) {
    // Rates that are much too large: what was seen before them counts.
    if (!(error instanceof NumericalError)) throw error;
  } finally {
    training.dispose();
  }
  return losses;
}

/** Returns a source whose epochs are its first batch: a sweep does not validate. */
const firstBatchOf = (source: BatchSource<ClassifierBatch>): BatchSource<ClassifierBatch> => ({
  stepsPerEpoch: 1,
  batches: async function* (from) {
    for await (const batch of source.batches(from)) {
      yield { ...batch, next: { epoch: from.epoch + 1, batch: 0 } };
      return;
    }
  },
});

function found(
  phase: ClassifierPhase,
  losses: readonly number[],
  rates: Required<RateSweep>,
): FoundLearningRate {
  const { steps } = rates;
  const rows = smoothedLosses(losses).map((loss, step) => ({
    learningRate: exponentialSweep(rates, step, steps),
    loss,
  }));
  const looked = rows.slice(Math.floor(SKIPPED.first * steps), -SKIPPED.last);
  const seen = looked.length > 0 ? looked : rows;
  const valley = valleyOf(seen.map(({ loss }) => loss));
  const lowest = seen.reduce((best, row) => (row.loss < best.loss ? row : best));
  return {
    phase,
    option: phase === 'fine-tune' ? 'fineTuneLearningRate' : 'learningRate',
    suggestion: valley.to > valley.from ? (seen[valley.suggestion]?.learningRate ?? null) : null,
    minimum: lowest.learningRate / 10,
    rows,
  };
}
