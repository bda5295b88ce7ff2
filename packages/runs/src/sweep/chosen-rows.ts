/** Which rows of a table are trained, and where. */
import { join } from 'node:path';
import { OptionsError } from '@janus/core';

/** What of a sweep says which rows are trained. */
export interface RowChoice {
  readonly name: string;
  readonly rows: readonly unknown[];
  /** Factor of training images and updates; default 1. */
  readonly scale?: number;
  /** Numbers of rows, from 1; default all. */
  readonly only?: readonly number[];
}

/**
 * Returns the numbers of the rows that are trained.
 *
 * @throws OptionsError when a number is not a row's, or the scale is not above 0
 */
export function chosenRows({ rows, only, scale = 1, name }: RowChoice): ReadonlySet<number> {
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new OptionsError(
      `sweep: scale must be a number above 0, but got ${scale}. 1 is the table as it stands.`,
    );
  }
  const wrong = only?.find((each) => !Number.isInteger(each) || each < 1 || each > rows.length);
  if (wrong !== undefined) {
    throw new OptionsError(
      `sweep: rows must be whole numbers from 1 to ${rows.length}, those of ${name}, but got ${wrong}. Leave them out to run all.`,
    );
  }
  return new Set(only ?? rows.map((_, i) => i + 1));
}

/** Returns the folder of a row's run. */
export const rowFolder = (out: string, number: number): string =>
  join(out, `row-${String(number).padStart(2, '0')}`);
