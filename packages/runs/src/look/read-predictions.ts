/** What an evaluation said of each image. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '@janus/core';
import { readTable } from '@janus/data';
import { readHeadsDescription } from '@janus/models';

/** A prediction of an image whose class is known. */
export interface Predicted {
  /** Manifest id. */
  readonly id: string;
  readonly split: string;
  /** Class number. */
  readonly label: number;
  /** Class number of the largest probability. */
  readonly predicted: number;
  /** Of each class, 0 to 1. */
  readonly probabilities: readonly number[];
}

/**
 * Returns the predictions in a run's folder, of images with one of the classes.
 *
 * @param prefix of the columns of a target among several: `<target>_`; default none
 * @throws DataError when the run was not evaluated, or has probabilities of other classes
 */
export async function readPredictions(
  run: string,
  classes: readonly string[],
  prefix = '',
): Promise<readonly Predicted[]> {
  const path = join(run, 'predictions.parquet');
  if (!existsSync(path)) {
    throw new DataError(
      `${run}: needs predictions.parquet, which an evaluation writes, but there is none. Evaluate the run first: npx janus evaluate ${run}.`,
      { path },
    );
  }
  return (await readTable(path)).flatMap((row): Predicted[] => {
    const label = classes.indexOf(String(row[`${prefix}label`]));
    if (label < 0) return [];
    const probabilities = classes.map((name) => {
      const value = row[`${prefix}p_${name}`];
      if (typeof value === 'number') return value;
      throw new DataError(
        `${path}: must have a number ${prefix}p_${name} in each row, but ${String(row['id'])} has none. Evaluate the run again: npx janus evaluate ${run}.`,
        { path },
      );
    });
    const predicted = probabilities.indexOf(Math.max(...probabilities));
    return [
      { id: String(row['id']), split: String(row['split']), label, predicted, probabilities },
    ];
  });
}

/** Returns what the columns of a target's predictions begin with: nothing in a run of one target. */
export async function predictionPrefix(run: string, target: string): Promise<string> {
  const several = await readHeadsDescription(join(run, 'model'));
  return several === undefined || several.targets.length === 1 ? '' : `${target}_`;
}
