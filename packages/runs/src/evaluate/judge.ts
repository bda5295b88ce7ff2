/** A classifier that judges fakes. */
import { join } from 'node:path';
import { OptionsError, type Reporter } from '@janus/core';
import type { Precision } from '@janus/engine';
import { resizeImages } from '@janus/images';
import {
  argMax,
  computeFeatures,
  computeLogits,
  featureRows,
  loadClassifier,
  splitClassifier,
  type ClassifierHalves,
  type Features,
  type SquareImages,
  type TrainedClassifier,
} from '@janus/models';
import { readClassifierRun } from '../classifier/options.js';
import { knownClassifierParts } from '../classifier/parts.js';
import type { Domain } from '../cyclegan/domains.js';
import { trainedHashes } from '../parts.js';
import { precisionOfRun } from '../precision.js';

/** A classifier that judges fakes, and what it computes in. */
export interface Judge extends TrainedClassifier {
  readonly halves: ClassifierHalves;
  readonly precision: Precision;
  /** Content hashes of the images that it was trained on; undefined where its run does not say. */
  readonly trained: ReadonlySet<string> | undefined;
}

/** What a judge makes of some images. */
export interface Judgement {
  /** The class of each. */
  readonly classes: readonly string[];
  /** What it pools of each, before its dense layers. */
  readonly features: Features;
}

/**
 * Opens the classifier run that judges; the caller disposes its model.
 *
 * @throws OptionsError when it does not know the values of the domains
 */
export async function openJudge(
  folder: string,
  domains: readonly Domain[],
  reporter: Reporter,
): Promise<Judge> {
  const record = await readClassifierRun(folder);
  const judge = await loadClassifier(join(folder, 'model'));
  const { classes } = judge.description;
  const unknown = domains.find(({ title }) => !classes.includes(title));
  if (unknown !== undefined) {
    judge.model.dispose();
    throw new OptionsError(
      `--judge: must know the domains' values, but ${folder} knows ${classes.join(', ')} and not ${unknown.title}. Train one with --target on that column.`,
    );
  }
  const parts = await knownClassifierParts(folder, record);
  if (parts === undefined) {
    reporter.log(
      `${folder}: does not say on which images it was trained, and its data is not there as it was: whether it judges some of them is not known.`,
    );
  }
  return {
    ...judge,
    halves: splitClassifier(judge.model),
    precision: precisionOfRun(record.options, reporter),
    trained: parts === undefined ? undefined : trainedHashes(parts),
  };
}

/** Returns what the judge makes of each image, scaled to the size it was trained on. */
export async function judgementOf(
  judge: Judge,
  images: SquareImages,
  { reporter, label }: { readonly reporter: Reporter; readonly label: string },
): Promise<Judgement> {
  const { halves, precision, description } = judge;
  const { imageSize, classes, preprocessing } = description;
  const pixels = await resizeImages(images, imageSize);
  const features = await computeFeatures(
    halves.features,
    { pixels, count: images.count, size: imageSize },
    { preprocessing, precision, report: reporter.progress, label },
  );
  const logits = await computeLogits(halves.dense, features, { precision });
  return { features, classes: featureRows(logits).map((row) => classes[argMax(row)] ?? '') };
}
