import { join, resolve } from 'node:path';
import {
  countText,
  NumericalError,
  OptionsError,
  SILENT,
  stepsPerEpochOf,
  type Reporter,
  type RunRecord,
} from '@janus/core';
import { classesOf, datasetOfFold, labelledItems, openDataset, type Dataset } from '@janus/data';
import {
  assignArrays,
  balancedClassWeights,
  buildHead,
  classifierSteps,
  createClassifierTraining,
  joinModels,
  parseHead,
  restoreClassifier,
  saveClassifier,
  useBestWeights,
  variablesOf,
  type ClassifierSources,
  type ClassifierTraining,
} from '@janus/models';
import { startEngine, type RunContext } from '../context.js';
import { keepParts } from '../parts.js';
import { decidePrecision } from '../precision.js';
import { onlyNamed } from '../run-extension.js';
import { closeRun, folderName, openRun } from '../run-folder.js';
import { whileLocked } from '../run-lock.js';
import { checkOtherRun } from '../start-from.js';
import { trainingPlan, type TrainingPlan } from '../training-plan.js';
import { checkClasses } from './check-classes.js';
import { classifierExtension } from './extension.js';
import { createRunInputs, type Parts } from './features.js';
import { buildNetwork } from './network.js';
import {
  checkClassifierOptions,
  type ClassifierRunOptions,
  type ResolvedClassifierOptions,
} from './options.js';
import { classifierParts } from './parts.js';
import { epochsOfPhase, phaseParts, phasesOf } from './phases.js';
import { loadState, saveState } from './run-state.js';
import { keepStart, keptStart, readClassifierStart, type ClassifierStart } from './start.js';
import { createWatch, reportRecord, type FinishedClassifierRun, type Watch } from './watch.js';

/** Steps between checkpoints within an epoch. */
const CHECKPOINT_STEPS = 100;

/** A run that is under way. */
interface Run {
  readonly folder: string;
  readonly dataset: Dataset;
  readonly parts: Parts;
  readonly options: ResolvedClassifierOptions;
  /** Another run's weights, where it begins with those. */
  readonly start: ClassifierStart | undefined;
  readonly record: RunRecord<ResolvedClassifierOptions>;
  readonly reporter: Reporter;
  readonly context: RunContext;
}

/**
 * Trains a head on a frozen backbone, then its last blocks if asked: writes the run's folder with its
 * record, metrics, checkpoints and model. An interrupted run that is resumed equals one that was not, and one
 * that is resumed with more epochs of its last phase equals one begun with them, bit for bit.
 *
 * @throws OptionsError when an option is out of range, the data set has no split, or the folder holds a run
 * that may not be replaced; DataError when a class has no image in train, validation is empty, or an image
 * cannot be decoded; NumericalError when the loss is not
 * finite; EnvironmentError when another process writes into the folder
 */
export async function trainClassifier(
  options: ClassifierRunOptions,
  context: RunContext = {},
): Promise<FinishedClassifierRun> {
  checkClassifierOptions(options);
  const { reporter = SILENT, existing = 'refuse' } = context;
  const { fold, target } = options;
  const opened = await openDataset(options.data);
  const dataset = fold === undefined ? opened : datasetOfFold(opened, fold);
  const classes = classesOf(dataset, target);
  if (!dataset.rows.some((row) => row.split === 'train')) {
    throw new OptionsError(
      `${options.data}: must be split before training, but no row has a split. Run \`npx janus data split ${options.data} --stratify ${target}\`.`,
    );
  }
  checkClasses(dataset, target, reporter);
  const parts: Parts = {
    train: labelledItems(dataset, target, { split: 'train' }),
    validation: labelledItems(dataset, target, { split: 'validation' }),
  };
  reporter.log(planOf(options, parts).text);
  const engine = await startEngine(context);
  const { folder = defaultFolder(dataset.name, options) } = context;
  return await whileLocked({ folder, work: 'training', reporter }, async () => {
    const resolved = await decidePrecision(
      {
        ...{ ...options, data: resolve(options.data) },
        ...(options.from === undefined ? {} : { from: resolve(options.from) }),
      },
      { folder, existing, reporter },
    );
    const begun = existing === 'resume' ? undefined : await newStart(resolved, { folder, classes });
    const record = await openRun({
      kind: 'classifier',
      folder,
      name: `${target} (${dataset.name})`,
      options: resolved,
      dataHash: dataset.hash,
      engine,
      existing,
      extendable: onlyNamed(classifierExtension(folder), context.extend),
      startedFrom: begun?.source,
      reporter,
    });
    await keepParts(folder, () => classifierParts(dataset, target, reporter.progress));
    if (begun !== undefined) await keepStart(folder, begun);
    const start = begun ?? (await oldStart(resolved, { folder, classes, record }));
    const run = { folder, dataset, parts, options: resolved, start, record, reporter, context };
    const result = await trainPhases(run);
    await closeRun(record, result);
    return result;
  });
}

/** Returns what the options will train. */
function planOf(options: ClassifierRunOptions, { train, validation }: Parts): TrainingPlan {
  return trainingPlan({
    images: `${countText(train.length)} images (${countText(validation.length)} for validation)`,
    phases: phasesOf(options).map((name) => ({
      name,
      constantEpochs: epochsOfPhase(name, options),
      fallingEpochs: 0,
      stepsPerEpoch: stepsPerEpochOf({ count: train.length, batchSize: options.batchSize }),
    })),
  });
}

/** Returns the weights of another run that a new run begins with, if the options name one. */
async function newStart(
  options: ResolvedClassifierOptions,
  { folder, classes }: { readonly folder: string; readonly classes: readonly string[] },
): Promise<ClassifierStart | undefined> {
  const { from } = options;
  if (from === undefined) return undefined;
  checkOtherRun(from, folder);
  return await readClassifierStart({ options: { ...options, from }, classes });
}

/** Returns the weights that a resumed run began with, if they were another run's. */
async function oldStart(
  options: ResolvedClassifierOptions,
  run: {
    readonly folder: string;
    readonly classes: readonly string[];
    readonly record: RunRecord<unknown>;
  },
): Promise<ClassifierStart | undefined> {
  const { folder, classes, record } = run;
  const { startedFrom: source } = record;
  const { from } = options;
  if (source === undefined || from === undefined) return undefined;
  return await keptStart(folder, { options: { ...options, from }, classes, source });
}

/** Returns the folder of a run that was given none: what studies vary first tells runs apart. */
function defaultFolder(data: string, options: ClassifierRunOptions): string {
  const { target, backbone, unfreeze, fold } = options;
  const name = [
    ...[data, target, backbone],
    ...(unfreeze === 'none' || backbone === 'small-vgg' ? [] : [unfreeze]),
    ...(fold === undefined ? [] : [`fold${fold}`]),
  ].join('-');
  return join('runs', folderName(name));
}

async function trainPhases(run: Run): Promise<FinishedClassifierRun> {
  const { dataset, parts, options, folder, start, reporter } = run;
  const { target, size, precision } = options;
  const classes = classesOf(dataset, target);
  const network = await buildNetwork(options, { start, reporter });
  const { backbone, hash = '', preprocessing } = network;
  const head = buildHead({
    inputShape: backbone.outputs[0]?.shape.slice(1).map(Number) ?? [],
    classes: classes.length,
    units: parseHead(options.head),
    dropout: options.dropout,
    pooling: options.pooling,
    seed: options.seed,
  });
  if (start !== undefined) assignArrays(variablesOf(head), start.arrays);
  const resumed = await loadState(run);
  const pretrained = { hash, preprocessing };
  const inputs = createRunInputs({
    ...{ dataset, target, size, precision, pretrained, reporter, parts },
  });
  const labels = parts.train.map(({ label }) => label);
  const classWeights =
    options.classWeights === 'balanced' ? balancedClassWeights(labels, classes.length) : undefined;
  const watch = await createWatch(run, {
    firstStep: resumed?.steps ?? 0,
    classes: classes.length,
  });
  const phases = phasesOf(options);
  let epochsBefore = 0;
  let stepsBefore = 0;
  for (const phase of phases) {
    const isFineTuning = phase === 'fine-tune';
    const epochs = epochsOfPhase(phase, options);
    const keepStart = isFineTuning || start !== undefined;
    const stepsPerEpoch = stepsPerEpochOf({
      ...{ count: parts.train.length, batchSize: options.batchSize },
    });
    const isPast = resumed !== undefined && phases.indexOf(resumed.phase) > phases.indexOf(phase);
    if (!isPast) {
      const { model, sources } = await phaseParts(phase, { network, head, inputs, options });
      const training = createClassifierTraining({
        ...{ model, classes: classes.length, preprocessing, epochs, phase, precision },
        ...{ seed: options.seed, stepsBefore, epochsBefore, keepStart },
        learningRate: isFineTuning ? options.fineTuneLearningRate : options.learningRate,
        ...(classWeights === undefined ? {} : { classWeights }),
      });
      try {
        if (resumed?.phase === phase) restoreClassifier(training, resumed);
        if (!(await runPhase({ ...run, training, sources, watch }))) return watch.result(false);
        useBestWeights(training);
        const { bestEpoch } = training.progress;
        reporter.log(
          bestEpoch === 0
            ? `${phase}: no epoch beat ${isFineTuning ? 'the head alone' : 'the weights that it began with'}; keeping ${isFineTuning ? 'its weights' : 'them'}`
            : `${phase}: best epoch ${bestEpoch} of ${epochs}`,
        );
      } catch (error) {
        if (error instanceof NumericalError) await closeRun(run.record, watch.failed(error));
        throw error;
      } finally {
        training.dispose();
      }
    }
    epochsBefore += epochs;
    stepsBefore += epochs * stepsPerEpoch;
  }
  const model = joinModels(backbone, head, 'classifier');
  await saveClassifier(join(folder, 'model'), {
    model,
    description: { format: 1, target, classes, imageSize: size, preprocessing },
  });
  return watch.result(true);
}

/** A phase that is under way. */
interface Phase extends Run {
  readonly training: ClassifierTraining;
  readonly sources: Pick<ClassifierSources, 'train' | 'validation'>;
  readonly watch: Watch;
}

/** Runs a phase to its end, or to the first safe point after an interruption (then false). */
async function runPhase(phase: Phase): Promise<boolean> {
  const { training, sources, watch, reporter, context } = phase;
  const { stepsPerEpoch } = sources.train;
  for await (const record of classifierSteps(training, sources)) {
    await watch.listen(record);
    reportRecord(reporter, record, stepsPerEpoch);
    const epochEnded = record.kind === 'epoch' && record.split === 'validation';
    // The records of an epoch follow that of its last step: a checkpoint in between would lose them.
    const isSafe = epochEnded || (record.kind === 'step' && record.step % stepsPerEpoch !== 0);
    const isInterrupted = context.signal?.aborted === true;
    if (isSafe && (epochEnded || isInterrupted || record.step % CHECKPOINT_STEPS === 0)) {
      await saveState(training, { ...phase, step: record.step });
      if (isInterrupted) return false;
    }
  }
  return true;
}
