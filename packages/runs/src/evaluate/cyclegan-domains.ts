import { existsSync } from 'node:fs';
import {
  DataError,
  readParts,
  type EvaluatedImages,
  type Reporter,
  type RunRecord,
} from '@janus/core';
import type { SplitName } from '@janus/data';
import { findDomain, hashOfDomains, placeOf, type Domain } from '../cyclegan/domains.js';
import type { CycleGanRunOptions } from '../cyclegan/options.js';
import { cycleGanParts, imagesOfFolder, type Sides } from '../cyclegan/parts.js';
import { trainedHashes } from '../parts.js';
import { chooseImages } from './choose-images.js';

/** A domain's images that are measured. */
export interface MeasuredDomain extends Domain {
  readonly facts: EvaluatedImages;
}

/** Which images of both domains are measured. */
export interface DomainsContext {
  readonly split: SplitName;
  /** Folder of domain X, where it has moved; default: where it was. */
  readonly x?: string;
  readonly y?: string;
  readonly reporter: Reporter;
}

/** Returns the images of both domains that a run is measured on; see {@link chooseImages}. */
export async function domainsToMeasure(
  run: string,
  {
    options,
    dataHash,
  }: RunRecord<Pick<CycleGanRunOptions, 'x' | 'y' | 'imageSize' | 'imageWidth'>>,
  { split, reporter, x, y }: DomainsContext,
): Promise<Sides<MeasuredDomain>> {
  const sources = { x: sourceAt(options.x, x, '--x'), y: sourceAt(options.y, y, '--y') };
  const trainX = await findDomain(sources.x, 'train');
  const trainY = await findDomain(sources.y, 'train');
  const sameData = isSame([trainX, trainY], dataHash);
  const parts =
    (await readParts(run)) ?? (sameData === true ? await cycleGanParts(sources) : undefined);
  const measured = async (side: 'x' | 'y', train: Domain): Promise<MeasuredDomain> => {
    const source = sources[side];
    const own = parts?.domains[side];
    const { stored, facts } = await chooseImages({
      ...{ place: source, folder: train.folder },
      ...{ size: options.imageSize, width: options.imageWidth },
      ...{ split, sameData, reporter },
      part: own?.parts[split],
      now: () => imagesOfFolder(source),
      current: async () => (await findDomain(source, split)).items,
      trained: parts === undefined ? undefined : trainedHashes(parts),
    });
    return { ...train, title: own?.title ?? train.title, items: stored, facts };
  };
  return { x: await measured('x', trainX), y: await measured('y', trainY) };
}

/** Returns a run's source, in another folder where it has moved. */
function sourceAt(source: string, moved: string | undefined, flag: string): string {
  const { folder, filter } = placeOf(source);
  const place = moved === undefined ? folder : placeOf(moved).folder;
  if (!existsSync(place)) {
    throw new DataError(
      `${place}: must be the folder that the run was trained with, but does not exist. Name its new place with --data or ${flag}.`,
      { path: place },
    );
  }
  return filter === '' ? place : `${place}:${filter}`;
}

/** Whether the data is what the run began with; undefined for plain folders, which have no hash of their content. */
function isSame([x, y]: readonly [Domain, Domain], dataHash: string): boolean | undefined {
  if (x.folder === undefined || y.folder === undefined) return undefined;
  return hashOfDomains(x, y) === dataHash;
}
