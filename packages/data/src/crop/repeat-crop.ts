/** Crops other images exactly as those of a data folder were cropped. */
import { existsSync } from 'node:fs';
import type { Part } from '@janus/images';
import { readDatasetRecord } from '../manifest/dataset-record.js';
import { imagePathOf } from '../manifest/manifest.js';
import { readTable } from '../manifest/tables.js';
import { cropRegion, type CutOptions } from './crop-image.js';
import { cropTable } from './crop-tables.js';

/**
 * Returns the bytes of an image file after what the crop did to the image of a row: the same region, size and encoder. The
 * file as it is where the row's image was not cropped.
 *
 * @param row manifest id, and the path of its image as it is opened
 * @param file an image of the size that the row's image had before it was cropped
 */
export type RepeatCrop = (
  row: { readonly id: string; readonly path: string },
  file: Uint8Array,
) => Promise<Uint8Array>;

/**
 * Returns a function that repeats the crop of a data folder on other images.
 *
 * @throws DataError when the folder holds no readable record
 */
export async function openCrops(folder: string): Promise<RepeatCrop> {
  const { steps } = await readDatasetRecord(folder);
  const options = steps.find(({ step }) => step === 'crop')?.options as CutOptions | undefined;
  if (options === undefined || !existsSync(cropTable(folder))) {
    return (_row, file) => Promise.resolve(file);
  }
  const regions = new Map<string, Part>();
  for (const line of await readTable(cropTable(folder))) {
    const { id, path, left, top, regionWidth, regionHeight } = line;
    if (typeof path !== 'string') continue;
    const region = { left, top, width: regionWidth, height: regionHeight } as Part;
    regions.set(keyOf(String(id), imagePathOf(folder, path)), region);
  }
  return async ({ id, path }, file) => {
    const region = regions.get(keyOf(id, path));
    return region === undefined ? file : await cropRegion(file, region, options);
  };
}

const keyOf = (id: string, path: string): string => JSON.stringify([id, path]);
