/** What the runs of all generators that set attributes have in common. */
import { DataError, readRun, type RunRecord } from '@janus/core';
import type { PrecisionChoice } from '@janus/engine';
import type { Augmentation } from '@janus/images';
import type { WithPrecision } from '../precision.js';

/** Options of every training of a generator that sets attributes. */
export interface CodedRunOptions {
  /** The data folder. */
  readonly data: string;
  /** Label columns that the generator learns to set, at least one; the order of its numbers. */
  readonly attributes: readonly string[];
  /** Side of the images in pixels. */
  readonly imageSize: number;
  /** Images of an update. */
  readonly batchSize: number;
  /** What the networks compute in; default `auto`: bfloat16 where it is faster, else float32. */
  readonly precision: PrecisionChoice;
  /** How images are changed, drawn again for each image and epoch; absent: half of them are mirrored. */
  readonly augment?: readonly Augmentation[];
  readonly seed: number;
}

/** Whether a run sets attributes. */
export const setsAttributes = (kind: string): kind is 'stargan' | 'icgan' =>
  kind === 'stargan' || kind === 'icgan';

/**
 * Returns the record of a run whose generator sets attributes.
 *
 * @throws DataError when the folder holds no run, or one of another kind
 */
export async function readCodedRun(
  folder: string,
): Promise<RunRecord<WithPrecision<CodedRunOptions>>> {
  const record = await readRun(folder);
  if (!setsAttributes(record.kind)) {
    throw new DataError(
      `${folder}: must be a stargan or icgan run, but is a ${record.kind} run. Name a folder that \`janus train stargan\` or \`janus train icgan\` made.`,
      { path: folder },
    );
  }
  return record as unknown as RunRecord<WithPrecision<CodedRunOptions>>;
}
