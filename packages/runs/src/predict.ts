import { join } from 'node:path';
import { SILENT } from '@janus/core';
import { findImages } from '@janus/data';
import { argMax, computeFeatures, featureRows, loadClassifier, softmax } from '@janus/models';
import { readClassifierRun } from './classifier/options.js';
import { startEngine, type ReadContext } from './context.js';
import { decodedImages, type UnreadableImage } from './decoded-images.js';
import { precisionOfRun } from './precision.js';

/** What a classifier says of one image. */
export interface ImagePrediction {
  readonly file: string;
  /** The most probable class. */
  readonly prediction: string;
  /** By class name; they add up to 1. */
  readonly probabilities: Readonly<Record<string, number>>;
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

/**
 * Returns what a classifier run says of images, each cut to its middle square. What cannot be found or decoded is
 * reported among the results, and does not end the others.
 *
 * @param given image files, folders (with their subfolders), and patterns such as `faces/*.jpg`
 *
 * @throws DataError when the folder holds no finished classifier run
 */
export async function predictImages(
  run: string,
  given: readonly string[],
  context: ReadContext = {},
): Promise<ImagePredictions> {
  const { reporter = SILENT } = context;
  const { options } = await readClassifierRun(run);
  const { images, unreadable: missing } = await findImages(given);
  await startEngine(context);
  const { model, description } = await loadClassifier(join(run, 'model'));
  try {
    const { imageSize: size, classes, preprocessing, target } = description;
    const precision = precisionOfRun(options, reporter);
    const rows: ImagePrediction[] = [];
    const unreadable: UnreadableImage[] = [...missing];
    for await (const { images: some, pixels, done } of decodedImages(images, size, unreadable)) {
      if (some.length === 0) continue;
      const batch = { pixels, count: some.length, size };
      const features = await computeFeatures(model, batch, { preprocessing, precision });
      featureRows(features).forEach((logits, i) => {
        const shares = softmax(logits);
        rows.push({
          file: some[i]?.file ?? '',
          prediction: classes[argMax(shares)] ?? '',
          probabilities: Object.fromEntries(classes.map((name, c) => [name, shares[c] ?? 0])),
        });
      });
      reporter.progress({
        ...{ done, total: images.length, unit: 'images', label: 'predicting' },
      });
    }
    return { target, classes, rows, unreadable };
  } finally {
    model.dispose();
  }
}
