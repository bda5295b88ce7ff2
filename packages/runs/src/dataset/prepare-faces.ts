import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { percentText, SILENT, writeJson, type Reporter } from '@janus/core';
import { cleanDataset, splitDataset } from '@janus/data';
import { VERSION } from '../version.js';
import { cropImages } from './crop-images.js';
import { generateFaces } from './generate-faces.js';

/** Options of {@link prepareFaces}. */
export interface PrepareFacesOptions {
  /** How many faces are drawn, 1 to 1,000,000. */
  readonly count: number;
  /** Label column that is stratified by, and some of whose labels are wrong on purpose. */
  readonly target: string;
  /** Side of an image in pixels, 32 to 512; default 128. */
  readonly size?: number;
  /** Side of the crops to the faces' boxes in pixels; default null: the images stay whole. */
  readonly cropSize?: number | null;
  /** Share of labels of the target that are wrong, 0 to 1; default 0.02. With 0.5, two values say nothing. */
  readonly wrongLabels?: number;
  /** Images of each person, at least 1; default 1. */
  readonly imagesPerPerson?: number;
  /** Default 1. */
  readonly seed?: number;
}

/** Defaults of {@link PrepareFacesOptions}. */
export const PREPARE_FACES_DEFAULTS: Required<Omit<PrepareFacesOptions, 'count' | 'target'>> = {
  size: 128,
  cropSize: null,
  wrongLabels: 0.02,
  imagesPerPerson: 1,
  seed: 1,
};

/** What real collections have too: shares of images that are blank, broken, and copies of others. */
const PLANTED = { blankRate: 0.02, corruptRate: 0.01, duplicateRate: 0.02 } as const;

/** In the data folder: what it was made with. */
const RECORD = 'prepared.json';

/**
 * Makes a data folder of generated faces that a model can be trained on: drawn with the faults of real collections, cropped
 * if asked for, cleaned and split. A folder that was made with the same options is left as it is.
 *
 * @returns the folder's absolute path
 * @throws OptionsError when an option is out of range
 */
export async function prepareFaces(
  out: string,
  options: PrepareFacesOptions,
  {
    reporter = SILENT,
    reuse = true,
    signal,
  }: {
    readonly reporter?: Reporter;
    /** False makes the folder again in any case; default true. */
    readonly reuse?: boolean;
    /** Ends the work between drawing, cropping, cleaning and splitting: its reason is thrown. */
    readonly signal?: AbortSignal;
  } = {},
): Promise<string> {
  const folder = resolve(out);
  const resolved = { ...PREPARE_FACES_DEFAULTS, ...options, version: VERSION };
  const before = await recordOf(folder);
  if (reuse && isDeepStrictEqual(before, resolved)) {
    reporter.log(`${folder}: was made before with the same options.`);
    return folder;
  }
  if (before !== undefined) await removeCrops(folder);
  const { count, target, size, cropSize, wrongLabels, imagesPerPerson, seed } = resolved;
  const report = reporter.progress;
  const { rows } = await generateFaces(count, {
    ...{ out: folder, force: true, size, imagesPerPerson, seed, ...PLANTED, report },
    labelNoise: { column: target, rate: wrongLabels },
  });
  signal?.throwIfAborted();
  reporter.log(`Drew ${rows} faces, ${percentText(wrongLabels)} of them labelled wrongly.`);
  if (cropSize !== null) {
    const cropped = await cropImages(folder, { by: 'box', size: cropSize, reporter });
    reporter.log(`Cropped ${cropped.rows} faces to their boxes; ${cropped.rejected} could not be.`);
  }
  signal?.throwIfAborted();
  const cleaned = await cleanDataset(folder, { labels: [target], report });
  const reasons = Object.entries(cleaned.reasons).map(([reason, n]) => `${n} ${reason}`);
  reporter.log(
    `Cleaned: ${cleaned.rows} kept, ${cleaned.rejected} removed (${reasons.join(', ')})`,
  );
  signal?.throwIfAborted();
  const { splits } = await splitDataset(folder, { seed, stratify: [target] });
  const { train, validation, test } = splits;
  reporter.log(`Split: ${train} train, ${validation} validation, ${test} test`);
  await writeJson(join(folder, RECORD), resolved);
  return folder;
}

/** Removes the crops of a folder that was prepared before. */
async function removeCrops(folder: string): Promise<void> {
  for (const name of ['crops', 'crop.parquet']) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function recordOf(folder: string): Promise<unknown> {
  const path = join(folder, RECORD);
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
