import { join, resolve } from 'node:path';
import { OptionsError, SILENT, type Reporter } from '@janus/core';
import { classesOf, datasetOfFold, labelledItems, openDataset, type Dataset } from '@janus/data';
import { resolvePrecision } from '@janus/engine';
import {
  balancedClassWeights,
  buildHead,
  classifierSteps,
  createClassifierTraining,
  joinModels,
  parseHead,
  restoreClassifier,
  saveClassifier,
  useBestWeights,
  type ClassifierSources,
  type ClassifierTraining,
} from '@janus/models';
import { startEngine, type RunContext } from '../context.js';
import { closeRun, folderName, openRun } from '../run-folder.js';
import { createRunInputs, type Parts } from './features.js';
import { buildNetwork } from './network.js';
import { checkClassifierOptions, type ClassifierRunOptions } from './options.js';
import { phaseParts, phasesOf } from './phases.js';
import { loadState, saveState } from './run-state.js';
import { createWatch, reportRecord, type FinishedClassifierRun, type Watch } from './watch.js';

/** Steps between checkpoints within an epoch. */
const CHECKPOINT_STEPS = 100;

/** A run that is under way. */
interface Run {
  readonly folder: string;
  readonly dataset: Dataset;
  readonly options: ClassifierRunOptions;
  readonly reporter: Reporter;
  readonly context: RunContext;
}

/**
 * Trains a head on a frozen backbone, then its last blocks if asked: writes the run's folder with its
 * record, metrics, checkpoints and model. An interrupted run that is resumed equals one that was not, bit
 * for bit.
 *
 * @throws OptionsError when an option is out of range, the data set has no split, or the folder holds a run
 * that may not be replaced; DataError when an image cannot be decoded; NumericalError when the loss is not
 * finite
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
  classesOf(dataset, target);
  if (!dataset.rows.some((row) => row.split === 'train')) {
    throw new OptionsError(
      `${options.data}: must be split before training, but no row has a split. Run \`npx janus data split ${options.data} --stratify ${target}\`.`,
    );
  }
  const engine = await startEngine(context);
  resolvePrecision(options.precision); // refused before there is a run
  const { folder = defaultFolder(dataset.name, options) } = context;
  const resolved = { ...options, data: resolve(options.data) };
  const record = await openRun({
    kind: 'classifier',
    folder,
    name: `${target} (${dataset.name})`,
    options: resolved,
    dataHash: dataset.hash,
    engine,
    existing,
  });
  const result = await trainPhases({ folder, dataset, options: resolved, reporter, context });
  await closeRun(record, result);
  return result;
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
  const { dataset, options, folder, reporter } = run;
  const { target, size, precision } = options;
  const parts: Parts = {
    train: labelledItems(dataset, target, { split: 'train' }),
    validation: labelledItems(dataset, target, { split: 'validation' }),
  };
  const classes = classesOf(dataset, target);
  const network = await buildNetwork(options, reporter);
  const { backbone, hash = '', preprocessing } = network;
  const head = buildHead({
    inputShape: backbone.outputs[0]?.shape.slice(1).map(Number) ?? [],
    classes: classes.length,
    units: parseHead(options.head),
    dropout: options.dropout,
    pooling: options.pooling,
    seed: options.seed,
  });
  const resumed = await loadState(run);
  const pretrained = { hash, preprocessing };
  const inputs = createRunInputs({
    ...{ dataset, target, size, precision, pretrained, reporter, parts },
  });
  const labels = parts.train.map(({ label }) => label);
  const classWeights =
    options.classWeights === 'balanced' ? balancedClassWeights(labels, classes.length) : undefined;
  const watch = createWatch(run, resumed?.steps ?? 0);
  const phases = phasesOf(options, network);
  let epochsBefore = 0;
  let stepsBefore = 0;
  for (const phase of phases) {
    const isFineTuning = phase === 'fine-tune';
    const epochs = isFineTuning ? options.fineTuneEpochs : options.epochs;
    const stepsPerEpoch = Math.ceil(parts.train.length / options.batchSize);
    const isPast = resumed !== undefined && phases.indexOf(resumed.phase) > phases.indexOf(phase);
    if (!isPast) {
      const { model, sources } = await phaseParts(phase, { network, head, inputs, options });
      const training = createClassifierTraining({
        ...{ model, classes: classes.length, preprocessing, epochs, phase, precision },
        ...{ seed: options.seed, stepsBefore, epochsBefore, keepStart: isFineTuning },
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
            ? `${phase}: no epoch beat the head alone; keeping its weights`
            : `${phase}: best epoch ${bestEpoch} of ${epochs}`,
        );
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
