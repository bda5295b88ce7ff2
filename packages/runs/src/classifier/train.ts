import { join, resolve } from 'node:path';
import { SILENT, writeJson, type RunRecord } from '@janus/core';
import { measureSpeed } from '@janus/engine';
import { startEngine, type RunContext } from '../context.js';
import { keepParts, withEarlierParts } from '../parts.js';
import { decidePrecision } from '../precision.js';
import { onlyNamed } from '../run-extension.js';
import { closeRun, folderName, openRun } from '../run-folder.js';
import { whileTraining } from '../run-stop.js';
import { checkOtherRun } from '../start-from.js';
import { augmentationText } from './augment-frozen.js';
import { chooseCut } from './auto-cut.js';
import { openClassifierData } from './classifier-data.js';
import { classifierExtension } from './extension.js';
import { buildNetwork, earlierPreprocessing } from './network.js';
import {
  checkClassifierOptions,
  cutOf,
  normalisationOf,
  type ClassifierRunOptions,
  type ResolvedClassifierOptions,
} from './options.js';
import { nameBackbone, type TrainClassifierOptions } from './own-backbone.js';
import { classifierParts } from './parts.js';
import { planClassifier } from './plan.js';
import { RECIPE_DEFAULTS } from './recipe.js';
import { keepStart, keptStart, readClassifierStart, type ClassifierStart } from './start.js';
import { trainPhases } from './train-phases.js';
import type { FinishedClassifierRun } from './watch.js';

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
  given: TrainClassifierOptions,
  context: RunContext = {},
): Promise<FinishedClassifierRun> {
  const { options: named, own } = nameBackbone(given);
  checkClassifierOptions(named);
  const { reporter = SILENT, existing = 'refuse' } = context;
  const { target } = named;
  const { dataset, subject } = await openClassifierData(named, reporter);
  const { parts, classes } = subject;
  const { folder = defaultClassifierFolder(dataset.name, named) } = context;
  const engine = await startEngine({ ...context, reporter: SILENT });
  const { options, probe } = await chooseCut(named, { folder, existing, dataset, context });
  const plan = planClassifier({
    ...{ options, classes: classes.length, speed: await measureSpeed() },
    counts: { train: parts.train.length, validation: parts.validation.length },
  });
  reporter.log(plan.text);
  const augmentation = augmentationText(options);
  if (augmentation !== undefined) reporter.log(augmentation);
  reporter.log(engine.line);
  return await whileTraining({ folder, context, reporter }, async (stoppable) => {
    const resolved = await decidePrecision(
      {
        ...{ ...options, data: resolve(options.data) },
        ...{ cut: cutOf(options), normalisation: normalisationOf(options) },
        ...(options.from === undefined ? {} : { from: resolve(options.from) }),
      },
      { folder, existing, reporter },
    );
    const begun = existing === 'resume' ? undefined : await newStart(resolved, { folder, classes });
    // Weights that are not available are found out before there is a run.
    let network =
      existing === 'resume'
        ? undefined
        : await buildNetwork(resolved, { start: begun, own, reporter });
    try {
      const earlier = existing === 'resume' ? await earlierPreprocessing(folder, resolved) : {};
      const preprocessing = resolved.weights === null ? undefined : network?.preprocessing;
      const recorded = preprocessing ?? earlier.recorded;
      const record = await openRun({
        kind: 'classifier',
        folder,
        name: `${target} (${dataset.name})`,
        options: { ...resolved, ...(recorded === undefined ? {} : { preprocessing: recorded }) },
        updates: plan.updates,
        dataHash: dataset.hash,
        engine,
        existing,
        absent: RECIPE_DEFAULTS,
        extendable: onlyNamed(classifierExtension(folder, options), context.extend),
        startedFrom: begun?.source,
        reporter,
      });
      await keepParts(folder, async () =>
        withEarlierParts(await classifierParts(dataset, target, reporter.progress), resolved.from),
      );
      if (begun !== undefined) await keepStart(folder, begun);
      if (probe !== undefined) await writeJson(join(folder, 'probe.json'), probe);
      const start = begun ?? (await oldStart(resolved, { folder, classes, record }));
      const { taken } = earlier;
      network ??= await buildNetwork(resolved, { start, own, preprocessing: taken, reporter });
      const objective = subject.objectiveOf(resolved);
      const run = { folder, dataset, parts, objective, network, options: resolved, start, record };
      const result = await trainPhases({ ...run, reporter, context: stoppable });
      await closeRun(record, result);
      return result;
    } finally {
      network?.dispose();
    }
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
export function defaultClassifierFolder(data: string, options: ClassifierRunOptions): string {
  const { target, backbone, unfreeze, fold, folds } = options;
  const name = [
    ...[data, target, backbone],
    ...(unfreeze === 'none' || backbone === 'small-vgg' ? [] : [unfreeze]),
    ...(fold === undefined ? [] : [`fold${fold}${folds === undefined ? '' : `of${folds}`}`]),
  ].join('-');
  return join('runs', folderName(name));
}
