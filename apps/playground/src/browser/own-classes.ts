/** Learns classes of a person's own: a linear head on what the page's frozen network sees. */
import {
  fitTemperature,
  hashOfText,
  type ClassifierEvaluation,
  type FittedTemperature,
  type StepRecord,
} from '@janus/core';
import {
  computeFeatures,
  crossValidateHead,
  evaluateClassifier,
  fitHead,
  headFolds,
  headLearningCurve,
  headsDescriptionOf,
  joinModels,
  modelArtifacts,
  modelOf,
  splitClassifier,
  type ClassifierDescription,
  type HeadImages,
  type LearningPoint,
} from '@janus/models/web';
import { classifierOf, type OpenClassifier } from './networks.js';

/** An image of a class, as the network sees it. */
export interface OwnImage {
  readonly id: string;
  /** uint8 [size, size, 3]. */
  readonly square: Uint8Array;
  /** float32 [D]: what the frozen network makes of it. */
  readonly features: Float32Array;
  /** Images of one group are alike: they are left out together. */
  readonly group: string;
}

/** A class with its images. */
export interface OwnClass {
  readonly name: string;
  readonly images: readonly OwnImage[];
}

/** What was learned. */
export interface OwnRun {
  readonly classifier: OpenClassifier;
  readonly description: ClassifierDescription;
  readonly evaluation: ClassifierEvaluation;
  readonly penalty: number;
  readonly folds: number;
  readonly records: readonly Omit<StepRecord, 'seconds'>[];
  readonly curve: readonly LearningPoint[];
  /** Of the images with their classes, in hexadecimal. */
  readonly dataHash: string;
  readonly started: string;
  readonly seconds: number;
}

/** What a person's classes are called together. */
const TARGET = 'class';

/** Decides which images are left out together. */
const SEED = 1;

/** Images of a class below which the page warns: their interval is wider than 25 percentage points. */
export const FEW_IMAGES = 30;

/** Returns what the frozen part of a classifier makes of an image. */
export async function ownFeatures(
  { model, description }: OpenClassifier,
  square: Uint8Array,
): Promise<Float32Array> {
  const { imageSize: size, preprocessing } = description;
  const { features } = splitClassifier(model);
  const images = { pixels: square, count: 1, size };
  return (await computeFeatures(features, images, { preprocessing })).data;
}

/**
 * Fits a head on all images, and measures it by cross-validation.
 *
 * @param base the classifier whose frozen part sees the images
 * @throws Error when there are too few classes or images, or two classes have one name
 */
export async function learnOwnClasses(
  base: OpenClassifier,
  own: readonly OwnClass[],
  onFold: (done: number, total: number) => Promise<void>,
): Promise<OwnRun> {
  const started = new Date();
  const images = headImages(own);
  checkClasses(own);
  const folds = headFolds(images, SEED);
  if (folds === undefined) {
    throw new Error(
      'each class needs at least three images that are not of one burst. Add images to the others.',
    );
  }
  const { logits, penalty, records } = await crossValidateHead(images, folds, onFold);
  const curve = headLearningCurve(images, folds, penalty);
  const temperature = temperatureOf(logits, images.labels);
  const classes = own.map(({ name }) => name);
  const evaluation = evaluateClassifier(
    {
      ids: own.flatMap((each) => each.images.map(({ id }) => id)),
      labels: images.labels,
      logits: temperedByOthers(logits, images.labels, folds),
      clusters: images.groups,
    },
    { target: TARGET, classes, split: 'cross-validation' },
  );
  const dense = fitHead(images, penalty);
  const { features } = splitClassifier(base.model);
  const { imageSize, preprocessing } = base.description;
  const description: ClassifierDescription = {
    ...{ format: 1, target: TARGET, classes, imageSize, preprocessing },
    temperature: temperature ?? null,
  };
  // Read back as Node will read it: layers that were applied twice cannot be cut apart again.
  const artifacts = await modelArtifacts(joinModels(features, dense, 'classifier'));
  const model = await modelOf(artifacts, 'own classes');
  dense.dispose();
  return {
    classifier: classifierOf(model, headsDescriptionOf(description)),
    ...{ description, evaluation, penalty, records, curve },
    folds: new Set(folds).size,
    dataHash: dataHash(own),
    started: started.toISOString(),
    seconds: (Date.now() - started.getTime()) / 1000,
  };
}

function checkClasses(own: readonly OwnClass[]): void {
  if (own.length < 2) throw new Error('there must be two classes or more. Add a class.');
  const names = own.map(({ name }) => name);
  if (names.some((name) => name.trim() === '')) {
    throw new Error('each class needs a name. Give the others one.');
  }
  if (new Set(names).size < names.length) {
    throw new Error('two classes have one name. Give each its own.');
  }
}

function headImages(own: readonly OwnClass[]): HeadImages {
  const all = own.flatMap(({ images }, label) => images.map((image) => ({ ...image, label })));
  const columns = all[0]?.features.length ?? 0;
  const data = new Float32Array(all.length * columns);
  all.forEach(({ features }, i) => {
    data.set(features, i * columns);
  });
  return {
    features: { data, count: all.length, shape: [columns] },
    labels: all.map(({ label }) => label),
    groups: all.map(({ group }) => group),
    classes: own.length,
  };
}

type Logits = readonly (readonly number[])[];

/** Returns the temperature of logits of images that were left out. */
function temperatureOf(logits: Logits, labels: readonly number[]): FittedTemperature | undefined {
  const value = fitTemperature(logits, labels);
  return value === undefined ? undefined : { value, n: labels.length, split: 'cross-validation' };
}

/** Returns logits over the temperature of the other folds, so that none is measured on what fitted its temperature. */
function temperedByOthers(
  logits: Logits,
  labels: readonly number[],
  folds: readonly number[],
): Logits {
  const temperatures = new Map(
    [...new Set(folds)].map((fold) => {
      const others = labels.flatMap((_, i) => (folds[i] === fold ? [] : [i]));
      const value = fitTemperature(
        others.map((i) => logits[i] ?? []),
        others.map((i) => labels[i] ?? 0),
      );
      return [fold, value ?? 1];
    }),
  );
  return logits.map((row, i) => row.map((each) => each / (temperatures.get(folds[i] ?? 0) ?? 1)));
}

/** Returns what tells one set of images from another. */
function dataHash(own: readonly OwnClass[]): string {
  const parts = own.flatMap(({ name, images }) => [
    name,
    ...images.map(({ square }) => squareHash(square)),
  ]);
  return hashOfText(parts.join('\n')).toString(16).padStart(8, '0');
}

/** Returns what tells an image from others: the same pixels have the same. */
export function squareHash(square: Uint8Array): string {
  return hashOfText(Array.from(square).join()).toString(16).padStart(8, '0');
}
