/** The images of a run whose generator sets attributes, and what they have. */
import {
  DataError,
  type AttributeCode,
  type ProgressListener,
  type Reporter,
  type RunParts,
} from '@janus/core';
import { keptRows, openDataset, type Dataset, type SplitName } from '@janus/data';
import { firstImages, labelledBatches, pixelsOf } from '@janus/images';
import { openItems } from '../item-images.js';
import { imageParts, storedImage, type StoredImage } from '../parts.js';
import { codeOfRow, codesOf, labelsOf } from './attribute-codes.js';
import type { CodedRunOptions } from './options.js';

/** A data set with the codes of its attributes. */
export interface CodedDataset {
  readonly dataset: Dataset;
  readonly codes: readonly AttributeCode[];
}

/** Opens a data set; see {@link codesOf} for errors. */
export async function openCoded(
  folder: string,
  attributes: readonly string[],
): Promise<CodedDataset> {
  const dataset = await openDataset(folder);
  return { dataset, codes: codesOf(dataset, attributes) };
}

/** An image with its numbers. */
export interface CodedImage extends StoredImage {
  readonly numbers: readonly number[];
}

/** Returns the images of a part that have a value of every attribute; all images where nothing was split. */
export function codedImages(
  { dataset, codes }: CodedDataset,
  split: SplitName,
): readonly CodedImage[] {
  const hasSplits = dataset.rows.some((row) => row.split !== null);
  return keptRows(dataset, hasSplits ? { split } : {}).flatMap((row): CodedImage[] => {
    const numbers = codeOfRow(row, codes);
    return numbers === undefined ? [] : [{ ...storedImage(dataset.folder, row), numbers }];
  });
}

/** What a training learns from. */
export interface CodedTrainingSet {
  readonly coded: CodedDataset;
  /** Training images with a value of every attribute, at least one. */
  readonly count: number;
}

/**
 * Opens what a training learns from.
 *
 * @throws DataError when the train part has no images with these attributes
 */
export async function codedTrainingSet({
  data,
  attributes,
}: Pick<CodedRunOptions, 'data' | 'attributes'>): Promise<CodedTrainingSet> {
  const coded = await openCoded(data, attributes);
  const count = codedImages(coded, 'train').length;
  if (count > 0) return { coded, count };
  throw new DataError(
    `${data}: a training needs images with a value of ${attributes.join(' and ')}, but its train part has none. Name other attributes, or split the data set.`,
    { path: data },
  );
}

/** The domain of what such a run is trained on, in `parts.json`. */
export const CODED_IMAGES = 'images';

/** Returns the images of a run by part. */
export async function codedParts(
  coded: CodedDataset,
  report?: ProgressListener,
): Promise<RunParts> {
  const parts = await imageParts((split) => codedImages(coded, split), report);
  return { format: 1, domains: { [CODED_IMAGES]: { title: coded.dataset.name, parts } } };
}

/** The first images of a data set, and what they have. */
export interface WatchedFaces {
  /** uint8 [N, size, size, 3]. */
  readonly images: Uint8Array;
  /** Side in pixels. */
  readonly size: number;
  /** float32 [N, L], 0 or 1. */
  readonly labels: Float32Array;
}

/** What a run is trained on. */
export interface CodedData {
  readonly source: ReturnType<typeof labelledBatches>;
  /** What each image has: float32 [images, L]. */
  readonly table: Float32Array;
  /** The first images, which are watched. */
  readonly watched: WatchedFaces;
}

/** Images on a sample sheet. */
const SAMPLES = 8;

/** Opens the images of a run. */
export async function openCodedData(
  coded: CodedDataset,
  options: Pick<CodedRunOptions, 'imageSize' | 'batchSize' | 'seed' | 'augment'>,
  reporter: Reporter,
): Promise<CodedData> {
  const { imageSize: size, batchSize, seed, augment } = options;
  const items = codedImages(coded, 'train');
  const images = await openItems(items, { size, folder: coded.dataset.folder, reporter });
  const table = Float32Array.from(items.flatMap(({ numbers }) => [...numbers]));
  const some = firstImages(images, SAMPLES);
  const pixels = (await pixelsOf(some)).slice(0, some.ids.length * size * size * 3);
  return {
    source: labelledBatches({
      ...{ images, batchSize, seed, labels: items.map((_, place) => place) },
      ...(augment === undefined ? { flip: true } : { augment }),
    }),
    table,
    watched: {
      ...{ images: pixels, size },
      labels: table.slice(0, some.ids.length * labelsOf(coded.codes)),
    },
  };
}
