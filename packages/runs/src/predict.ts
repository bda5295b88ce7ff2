import { OptionsError, SILENT } from '@janus/core';
import { findImages } from '@janus/data';
import type { TargetDescription, TargetPrediction } from '@janus/models';
import { readClassifierRun } from './classifier/options.js';
import { openTargetTeller } from './classifier/tasks-predict.js';
import type { StoppableContext } from './context.js';
import { decodedImages, type UnreadableImage } from './decoded-images.js';
import { openRunFolder } from './zipped-run.js';

/** What a classifier of one target says of one image. */
export interface ImagePrediction extends TargetPrediction {
  readonly file: string;
}

/** What {@link predictImages} returns. */
export interface ImagePredictions {
  readonly target: string;
  /** In the order of the probabilities. */
  readonly classes: readonly string[];
  /** In the order of the images; those that could not be decoded are absent. */
  readonly rows: readonly ImagePrediction[];
  readonly unreadable: readonly UnreadableImage[];
}

/** What a classifier of one target or more says of one image. */
export interface ImageTargets {
  readonly file: string;
  /** By label column. */
  readonly predictions: Readonly<Record<string, TargetPrediction>>;
}

/** What {@link predictTargets} returns. */
export interface ImageTargetPredictions {
  readonly targets: readonly TargetDescription[];
  /** In the order of the images; those that could not be decoded are absent. */
  readonly rows: readonly ImageTargets[];
  readonly unreadable: readonly UnreadableImage[];
}

/**
 * Returns what a classifier run of one target says of images, each cut to its middle square. What cannot be found or
 * decoded is reported among the results, and does not end the others.
 *
 * @param run its folder, or a zip file of it, as the playground saves one
 * @param given image files, folders (with their subfolders), and patterns such as `faces/*.jpg`
 *
 * @throws DataError when the folder holds no finished classifier run; OptionsError when it tells several targets; the reason
 * of the context's signal when that is aborted
 */
export async function predictImages(
  run: string,
  given: readonly string[],
  context: StoppableContext = {},
): Promise<ImagePredictions> {
  return predictionsOfOne(await predictTargets(run, given, context));
}

/**
 * Returns what a classifier run of one target or more says of images, as {@link predictImages} does.
 *
 * @param run its folder, or a zip file of it
 * @throws DataError when the folder holds no finished classifier run
 */
export async function predictTargets(
  run: string,
  given: readonly string[],
  context: StoppableContext = {},
): Promise<ImageTargetPredictions> {
  const opened = await openRunFolder(run);
  try {
    return await predictIn(opened.folder, given, context);
  } finally {
    await opened.dispose();
  }
}

async function predictIn(
  run: string,
  given: readonly string[],
  context: StoppableContext,
): Promise<ImageTargetPredictions> {
  const { reporter = SILENT, signal } = context;
  await readClassifierRun(run); // before the images are looked for
  const { images, unreadable: missing } = await findImages(given);
  const { targets, size, tell, dispose } = await openTargetTeller(run, context);
  try {
    const rows: ImageTargets[] = [];
    const unreadable: UnreadableImage[] = [...missing];
    for await (const { images: some, pixels, done } of decodedImages(images, size, unreadable)) {
      signal?.throwIfAborted();
      if (some.length === 0) continue;
      const told = await tell({ pixels, count: some.length, size });
      told.forEach((predictions, i) => {
        rows.push({ file: some[i]?.file ?? '', predictions });
      });
      reporter.progress({
        ...{ done, total: images.length, unit: 'images', label: 'predicting' },
      });
    }
    return { targets, rows, unreadable };
  } finally {
    dispose();
  }
}

/**
 * Returns predictions of one target as {@link predictImages} does.
 *
 * @throws OptionsError when they are of several
 */
export function predictionsOfOne(found: ImageTargetPredictions): ImagePredictions {
  const { targets, rows, unreadable } = found;
  const [only, second] = targets;
  if (only === undefined || second !== undefined) {
    throw new OptionsError(
      `predict: must be a run of one target, but this one tells ${targets.map(({ target }) => target).join(', ')}. Use predictTargets.`,
    );
  }
  const { target, classes } = only;
  return {
    ...{ target, classes, unreadable },
    rows: rows.flatMap(({ file, predictions }) => {
      const own = predictions[target];
      return own === undefined ? [] : [{ file, ...own }];
    }),
  };
}
