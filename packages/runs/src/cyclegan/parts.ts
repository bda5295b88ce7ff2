import type { ProgressListener, RunParts } from '@janus/core';
import { imageFiles, keptRows, openDataset } from '@janus/data';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { imageParts, storedImage, type StoredImage } from '../parts.js';
import { findDomain, placeOf } from './domains.js';
import { trainingSides, type TrainingSidesOptions } from './pairs.js';

/** The sides of a translation. */
export interface Sides<T> {
  readonly x: T;
  readonly y: T;
}

/** Returns the images of both domains by part; a plain folder has no parts, and all of it is in each. */
export async function cycleGanParts(
  options: Sides<string> & Partial<TrainingSidesOptions>,
  report?: ProgressListener,
): Promise<RunParts> {
  const trained = trainingSides({ seed: 1, ...options });
  const domainOf = async (side: 'x' | 'y'): Promise<RunParts['domains'][string]> => {
    const source = options[side];
    const { title } = await findDomain(source, 'train');
    const of = async (split: 'train' | 'validation' | 'test'): Promise<readonly StoredImage[]> =>
      (split === 'train' ? (await trained)[side] : await findDomain(source, split)).items;
    return { title, parts: await imageParts(of, report) };
  };
  return { format: 1, domains: { x: await domainOf('x'), y: await domainOf('y') } };
}

/** Returns all images that a source's folder has, whatever their part and labels. */
export async function imagesOfFolder(source: string): Promise<readonly StoredImage[]> {
  const { folder } = placeOf(source);
  if (!existsSync(join(folder, 'manifest.parquet'))) {
    const { files } = await imageFiles(folder);
    return files.map(({ name, path }) => ({ id: name, path, sha256: null }));
  }
  const dataset = await openDataset(folder);
  return keptRows(dataset).map((row) => storedImage(folder, row));
}
