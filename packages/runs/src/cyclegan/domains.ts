import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { DataError, OptionsError, splitAtColon, streamOf } from '@janus/core';
import { keptRows, imageFiles, openDataset, parseFilter, type SplitName } from '@janus/data';
import { basename, join, relative, resolve } from 'node:path';
import { storedImage, type StoredImage } from '../parts.js';
import type { CycleGanRunOptions } from './options.js';

/** The images of one side of a translation. */
export interface Domain {
  /** As it was named on the command line. */
  readonly source: string;
  /** The filter's values, or the folder's name: what a person calls it. */
  readonly title: string;
  /** Hash of what it was read from. */
  readonly hash: string;
  /** Of a plain folder: what versions made of its path as it was named, or as it is named from the working directory. */
  readonly earlierHashes?: readonly [asNamed: string, fromHere: string];
  readonly items: readonly StoredImage[];
  /** The data folder that they are of; absent for a plain folder. */
  readonly folder?: string;
}

/**
 * Returns the images that `<folder>` or `<data folder>:<column>=<value>` names.
 *
 * @param split part of the data set; a plain folder has none and gives all it holds
 * @throws DataError when there are none
 */
export async function openDomain(source: string, split: SplitName): Promise<Domain> {
  const domain = await findDomain(source, split);
  const { folder } = placeOf(source);
  if (domain.items.length === 0) {
    throw new DataError(
      `${source}: a domain needs images, but there are none in its ${split} part. Check the filter, or split the data set.`,
      { path: folder },
    );
  }
  return domain;
}

/** Returns a source that means the same from any folder. */
export function absoluteSource(source: string): string {
  const { folder, filter } = placeOf(source);
  return filter === '' ? resolve(folder) : `${resolve(folder)}:${filter}`;
}

/** Returns the folder of a source and its filter, empty where it has none. */
export function placeOf(source: string): { readonly folder: string; readonly filter: string } {
  const [folder, filter] = splitAtColon(source);
  return { folder, filter };
}

/**
 * Returns the images that a source names, which may be none; see {@link openDomain}.
 *
 * @throws DataError when there is no such folder
 */
export async function findDomain(source: string, split: SplitName): Promise<Domain> {
  const { folder, filter } = placeOf(source);
  if (!existsSync(folder)) {
    throw new DataError(`${folder}: does not exist. Check --x and --y.`, { path: folder });
  }
  return filter === '' && !existsSync(join(folder, 'manifest.parquet'))
    ? await plainFolder(folder)
    : await filtered(folder, filter, split);
}

async function plainFolder(folder: string): Promise<Domain> {
  const { files } = await imageFiles(folder);
  const hashOf = (path: string): string => `${path}, ${files.length} images`;
  return {
    source: folder,
    title: basename(folder),
    // By its absolute path: the same folder has other names in other working directories.
    hash: hashOf(resolve(folder)),
    earlierHashes: [hashOf(folder), hashOf(relative('', folder))],
    items: files.map(({ name, path }) => ({ id: name, path, sha256: null })),
  };
}

async function filtered(folder: string, text: string, split: SplitName): Promise<Domain> {
  const dataset = await openDataset(folder);
  const filter = text === '' ? {} : parseFilter(text);
  const hasSplits = dataset.rows.some((row) => row.split !== null);
  const rows = keptRows(dataset, { filter, ...(hasSplits ? { split } : {}) });
  return {
    source: `${folder}:${text}`,
    title: Object.values(filter).join(' ') || dataset.name,
    hash: dataset.hash,
    items: rows.map((row) => storedImage(folder, row)),
    folder,
  };
}

/**
 * Returns a domain of fewer images: those that come first in an order drawn from seed and id, so that a smaller sample is the
 * beginning of a larger one. Without `trainImages` the domain itself, in the order of its data.
 */
export function sampledDomain(domain: Domain, options: SampledOptions): Domain {
  return { ...domain, items: sampled(domain.items, options, ({ id }) => id) };
}

/** The options that say how many images a run trains on. */
type SampledOptions = Pick<CycleGanRunOptions, 'trainImages' | 'seed'>;

/**
 * Returns the values that come first in an order drawn from the seed and their ids; all, in their order, without
 * `trainImages`.
 *
 * @throws OptionsError when `trainImages` is not a whole number of at least 1
 */
export function sampled<Value>(
  values: readonly Value[],
  { trainImages, seed }: SampledOptions,
  idOf: (value: Value) => string,
): readonly Value[] {
  if (trainImages === undefined) return values;
  if (!Number.isInteger(trainImages) || trainImages < 1) {
    throw new OptionsError(
      `train: trainImages must be a whole number of at least 1, but got ${trainImages}. Leave it out to train on all images.`,
    );
  }
  const drawn = values
    .map((value) => ({ value, id: idOf(value) }))
    .map((each) => ({ ...each, draw: streamOf(seed, 'train-images', each.id).next() }))
    .sort((a, b) => a.draw - b.draw || (a.id === b.id ? 0 : a.id < b.id ? -1 : 1));
  return drawn.slice(0, trainImages).map(({ value }) => value);
}

/** Returns the hash of what both domains were read from. */
export function hashOfDomains(x: Domain, y: Domain): string {
  return createHash('sha256').update(`${x.hash}/${y.hash}`).digest('hex');
}

/** Returns the hashes that runs of earlier versions may have of the same domains. */
export function earlierHashesOfDomains(x: Domain, y: Domain): readonly string[] {
  return ([0, 1] as const).map((i) => {
    const before = (domain: Domain): Domain => ({
      ...domain,
      hash: domain.earlierHashes?.[i] ?? domain.hash,
    });
    return hashOfDomains(before(x), before(y));
  });
}
