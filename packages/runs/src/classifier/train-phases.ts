/** The phases of a classifier's training, one after the other. */
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  NumericalError,
  SCHEDULES,
  stepsPerEpochOf,
  type BatchCursor,
  type RunRecord,
} from '@janus/core';
import {
  blockFactors,
  classifierSteps,
  createClassifierTraining,
  disposeWeights,
  isPhaseOver,
  joinModels,
  restoreClassifier,
  useBestWeights,
  variablesOf,
  type ClassifierPhase,
  type ClassifierSources,
  type ClassifierTraining,
  type ClassifierTrainingOptions,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { isStopped, type RunContext } from '../context.js';
import { drawClassifier } from '../draw-networks.js';
import { closeRun } from '../run-folder.js';
import { dropBestAfter, keepIfBest } from './best-epochs.js';
import type { ResolvedClassifierOptions } from './options.js';
import { epochsOfPhase, isFittedPhase, phasesOf } from './phase-order.js';
import { featuresOfPhase, phaseParts, type Network } from './phases.js';
import { imagesPerUpdate } from './recipe.js';
import { loadState, saveState, type ResumedState } from './run-state.js';
import {
  openTrainingParts,
  type TrainingParts,
  type TrainingPartsOptions,
} from './training-parts.js';
import {
  createWatch,
  reportFit,
  reportRecord,
  type FinishedClassifierRun,
  type Watch,
} from './watch.js';

/** Steps between checkpoints within an epoch. */
const CHECKPOINT_STEPS = 100;

/** A run that is under way. */
export interface ClassifierRun extends TrainingPartsOptions {
  readonly folder: string;
  readonly record: RunRecord<ResolvedClassifierOptions>;
  readonly context: RunContext;
}

/** Trains all phases of a run, resumed where it was stopped, and writes the model. */
export async function trainPhases(run: ClassifierRun): Promise<FinishedClassifierRun> {
  const { objective, folder, context } = run;
  const { signal } = context;
  const resumed = await loadState(run);
  await dropBestAfter(folder, resumed?.steps ?? 0);
  const watch = await createWatch(run, {
    firstStep: resumed?.steps ?? 0,
    startLoss: objective.startLoss,
  });
  try {
    return await trainFrom(resumed, { ...run, signal, watch });
  } catch (error) {
    // Features that were being computed: nothing of them was kept.
    if (isStopped(error, signal)) return watch.result(false);
    throw error;
  }
}

/** Trains the phases from where a run was stopped, or from the first, and writes the model. */
async function trainFrom(
  resumed: ResumedState | undefined,
  run: ClassifierRun & { readonly watch: Watch },
): Promise<FinishedClassifierRun> {
  const opened = await openTrainingParts(run);
  try {
    return await trainOpened(resumed, { ...run, ...opened });
  } finally {
    disposeWeights(opened.dense);
  }
}

async function trainOpened(
  resumed: ResumedState | undefined,
  run: Training,
): Promise<FinishedClassifierRun> {
  const { options, objective, folder, network, watch, dense } = run;
  const { backbone, pooling, preprocessing } = network;
  const phases = phasesOf(options);
  let before = { steps: 0, epochs: 0 };
  for (const phase of phases) {
    if (resumed !== undefined && phases.indexOf(resumed.phase) > phases.indexOf(phase)) {
      before = resumed.before ?? after(before, epochsOfPhase(phase, options), run);
      continue;
    }
    const done = isFittedPhase(phase, options)
      ? await fitPhase(run)
      : await trainPhase(phase, { ...run, before, resumed });
    if (done === undefined) return watch.result(false);
    before = { steps: before.steps + done.steps, epochs: before.epochs + done.epochs };
  }
  const model = joinModels(joinModels(backbone, pooling, 'features'), dense, 'classifier');
  await objective.save(join(folder, 'model'), { model, preprocessing });
  await drawClassifier(folder, model, options.target);
  return watch.result(true);
}

/** Updates and epochs. */
interface Counts {
  readonly steps: number;
  readonly epochs: number;
}

/** Returns the counts after a phase of that many epochs, which a run of an earlier version does not tell. */
function after({ steps, epochs }: Counts, more: number, { parts, options }: ClassifierRun): Counts {
  const batchSize = imagesPerUpdate(options);
  const stepsPerEpoch = stepsPerEpochOf({ count: parts.train.length, batchSize });
  return { steps: steps + more * stepsPerEpoch, epochs: epochs + more };
}

/** What all phases of a run share. */
interface Training extends ClassifierRun, TrainingParts {
  readonly watch: Watch;
}

/** Fits a linear head; undefined when it was interrupted. */
async function fitPhase(training: Training): Promise<Counts | undefined> {
  const { objective, watch, reporter, context, dense, scales } = training;
  const features = await featuresOfPhase('head', training);
  const began = performance.now();
  let fits = 0;
  for await (const record of objective.fit(dense, features, scales)) {
    fits = record.step;
    await watch.listen({ ...record, seconds: (performance.now() - began) / 1000 });
    reportFit(reporter, record);
    await nextTurn(); // signals and progress come through
    if (context.signal?.aborted === true) return undefined;
  }
  return { steps: fits, epochs: fits };
}

/** Trains a phase by steps; undefined when it was interrupted. */
async function trainPhase(
  phase: ClassifierPhase,
  run: Training & { readonly before: Counts; readonly resumed: ResumedState | undefined },
): Promise<Counts | undefined> {
  const { options, resumed, start, reporter, watch } = run;
  const { maxSteps } = options;
  const isFineTuning = phase === 'fine-tune';
  const own = resumed?.phase === phase ? resumed : undefined;
  const before = own?.before ?? run.before;
  const { model, sources } = await phaseParts(phase, run);
  const training = createClassifierTraining({
    ...phaseOptions(phase, { ...run, model }),
    ...{ stepsBefore: before.steps, epochsBefore: before.epochs, patience: options.patience },
    ...(maxSteps === undefined ? {} : { maxSteps }),
    keepStart: isFineTuning || start !== undefined,
  });
  try {
    if (own !== undefined) restoreClassifier(training, own);
    if (!(await runPhase({ ...run, training, sources, watch }))) return undefined;
    useBestWeights(training);
    const { bestEpoch, step, cursor } = training.progress;
    reporter.log(
      bestEpoch === 0
        ? `${phase}: no epoch beat ${isFineTuning ? 'the head alone' : 'the weights that it began with'}; keeping ${isFineTuning ? 'its weights' : 'them'}`
        : `${phase}: best epoch ${bestEpoch} of ${epochsBegun(cursor)}`,
    );
    return { steps: step, epochs: epochsBegun(cursor) };
  } catch (error) {
    if (error instanceof NumericalError) await closeRun(run.record, watch.failed(error));
    throw error;
  } finally {
    training.dispose();
  }
}

/** Returns the options of a phase that is trained by steps. */
export function phaseOptions(
  phase: ClassifierPhase,
  run: Pick<Training, 'options' | 'network' | 'objective'> & {
    readonly model: tf.LayersModel;
  },
): ClassifierTrainingOptions {
  const { options, network, objective, model } = run;
  const { precision, seed, weightDecay, labelSmoothing } = options;
  const isFineTuning = phase === 'fine-tune';
  return {
    ...{ model, preprocessing: network.preprocessing, phase, precision, seed },
    ...{ epochs: epochsOfPhase(phase, options), weightDecay, labelSmoothing },
    ...stepsOf(options, network),
    learningRate: isFineTuning ? options.fineTuneLearningRate : options.learningRate,
    ...objective.training,
  };
}

/** Returns what a recipe asks of each step. */
function stepsOf(
  options: ResolvedClassifierOptions,
  { backbone }: Network,
): Partial<ClassifierTrainingOptions> {
  const { schedule, optimizer, blockRateDecay, clipNorm, accumulate, mix, averageDecay } = options;
  const variables = Object.keys(variablesOf(backbone, { trainableOnly: false }));
  return {
    ...{ schedule: SCHEDULES[schedule], optimizer, clipNorm, parts: accumulate, mix, averageDecay },
    ...(blockRateDecay === 1 ? {} : { factorOf: blockFactors(variables, blockRateDecay) }),
  };
}
/** Returns the epochs of a phase at its end, the last of which may be cut short. */
const epochsBegun = ({ epoch, batch }: BatchCursor): number => epoch + (batch > 0 ? 1 : 0);

/** A phase that is under way. */
interface Phase extends ClassifierRun {
  readonly training: ClassifierTraining;
  readonly sources: Pick<ClassifierSources, 'train' | 'validation'>;
  readonly watch: Watch;
}

/** Runs a phase to its end, or to the first safe point after an interruption (then false). */
async function runPhase(phase: Phase): Promise<boolean> {
  const { training, sources, watch, reporter, context, folder, options } = phase;
  const { stepsPerEpoch } = sources.train;
  const { stepsBefore } = training.options;
  for await (const record of classifierSteps(training, sources)) {
    await watch.listen(record);
    reportRecord(reporter, record, { stepsPerEpoch, stepsBefore });
    const epochEnded = record.kind === 'epoch' && record.split === 'validation';
    // The records of an epoch follow that of its last step: a checkpoint in between would lose them.
    const isSafe =
      epochEnded ||
      (record.kind === 'step' && training.progress.cursor.batch > 0 && !isPhaseOver(training));
    if (epochEnded && options.keepBest > 0) {
      await keepIfBest(folder, training, { record, keep: options.keepBest });
    }
    const isInterrupted = context.signal?.aborted === true;
    if (isSafe && (epochEnded || isInterrupted || record.step % CHECKPOINT_STEPS === 0)) {
      await saveState(training, { ...phase, step: record.step });
      if (isInterrupted) return false;
    }
  }
  return true;
}
