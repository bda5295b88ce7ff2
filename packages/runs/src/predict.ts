import { basename, extname, join } from 'node:path';
import { JanusError, OptionsError, SILENT } from '@janus/core';
import { decodeImage, writePng } from '@janus/images';
import {
  argMax,
  computeFeatures,
  featureRows,
  FEATURE_BATCH,
  loadClassifier,
  loadModel,
  registerLayers,
  softmax,
  translate,
} from '@janus/models';
import { readClassifierRun } from './classifier/options.js';
import { startEngine, type ReadContext } from './context.js';
import { readCycleGanRun } from './cyclegan/options.js';
import { precisionOfRun } from './precision.js';

/** An image that could not be used. */
export interface UnreadableImage {
  readonly file: string;
  readonly reason: string;
}

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
  /** In the order of the images; those that could not be decoded are absent. */
  readonly rows: readonly ImagePrediction[];
  readonly unreadable: readonly UnreadableImage[];
}

/** Decodes what can be decoded, a few images at a time. */
async function* readableImages(
  files: readonly string[],
  size: number,
  unreadable: UnreadableImage[],
): AsyncGenerator<{ readonly files: readonly string[]; readonly pixels: Uint8Array }, void, void> {
  for (let from = 0; from < files.length; from += FEATURE_BATCH) {
    const decoded: { readonly file: string; readonly pixels: Uint8Array }[] = [];
    for (const file of files.slice(from, from + FEATURE_BATCH)) {
      try {
        decoded.push({ file, pixels: await decodeImage(file, size) });
      } catch (error) {
        if (!(error instanceof JanusError)) throw error;
        unreadable.push({ file, reason: error.message });
      }
    }
    if (decoded.length === 0) continue;
    yield {
      files: decoded.map(({ file }) => file),
      pixels: Buffer.concat(decoded.map(({ pixels }) => pixels)),
    };
  }
}

/**
 * Returns what a classifier run says of image files, each cut to its middle square. One file that cannot be
 * decoded is reported among the results, and does not end the others.
 *
 * @throws DataError when the folder holds no finished classifier run
 */
export async function predictImages(
  run: string,
  images: readonly string[],
  context: ReadContext = {},
): Promise<ImagePredictions> {
  const { reporter = SILENT } = context;
  const { options } = await readClassifierRun(run);
  await startEngine(context);
  const { model, description } = await loadClassifier(join(run, 'model'));
  try {
    const { imageSize: size, classes, preprocessing, target } = description;
    const precision = precisionOfRun(options, reporter);
    const rows: ImagePrediction[] = [];
    const unreadable: UnreadableImage[] = [];
    for await (const { files, pixels } of readableImages(images, size, unreadable)) {
      const batch = { pixels, count: files.length, size };
      const features = await computeFeatures(model, batch, { preprocessing, precision });
      featureRows(features).forEach((logits, i) => {
        const shares = softmax(logits);
        rows.push({
          file: files[i] ?? '',
          prediction: classes[argMax(shares)] ?? '',
          probabilities: Object.fromEntries(classes.map((name, c) => [name, shares[c] ?? 0])),
        });
      });
      reporter.progress({
        ...{ done: rows.length, total: images.length, unit: 'images', label: 'predicting' },
      });
    }
    return { target, rows, unreadable };
  } finally {
    model.dispose();
  }
}

/** Options of {@link translateImages}. */
export interface TranslateImagesOptions extends ReadContext {
  /** Folder that the translations are written to, as PNG. */
  readonly out: string;
  /** Which generator; default `x-to-y`. */
  readonly direction?: 'x-to-y' | 'y-to-x';
}

/** What {@link translateImages} returns. */
export interface ImageTranslations {
  /** Each image with the file of its translation. */
  readonly rows: readonly { readonly file: string; readonly out: string }[];
  readonly unreadable: readonly UnreadableImage[];
}

/**
 * Writes the translations of image files, each cut to its middle square and scaled to the run's size. One
 * file that cannot be decoded is reported among the results, and does not end the others.
 *
 * @throws DataError when the folder holds no finished CycleGAN run; OptionsError when two images would be
 * written to one file
 */
export async function translateImages(
  run: string,
  images: readonly string[],
  options: TranslateImagesOptions,
): Promise<ImageTranslations> {
  const { out, direction = 'x-to-y', reporter = SILENT } = options;
  const record = await readCycleGanRun(run);
  const outOf = (image: string): string => join(out, `${basename(image, extname(image))}.png`);
  const names = images.map(outOf);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new OptionsError(
      `translate: names must differ within --out, but ${basename(repeated)} would be written twice. Translate one folder at a time.`,
    );
  }
  await startEngine(options);
  registerLayers();
  const generator = await loadModel(join(run, 'model', direction === 'x-to-y' ? 'G' : 'F'));
  try {
    const { imageSize: size } = record.options;
    const precision = precisionOfRun(record.options, reporter);
    const rows: { readonly file: string; readonly out: string }[] = [];
    const unreadable: UnreadableImage[] = [];
    const bytes = size * size * 3;
    for await (const { files, pixels } of readableImages(images, size, unreadable)) {
      const square = { images: pixels, height: size, width: size };
      const fakes = await translate(generator, square, { precision });
      for (const [i, file] of files.entries()) {
        const fake = fakes.subarray(i * bytes, (i + 1) * bytes);
        await writePng(outOf(file), { pixels: fake, width: size, height: size });
        rows.push({ file, out: outOf(file) });
      }
      reporter.progress({
        ...{ done: rows.length, total: images.length, unit: 'images', label: 'translating' },
      });
    }
    return { rows, unreadable };
  } finally {
    generator.dispose();
  }
}
