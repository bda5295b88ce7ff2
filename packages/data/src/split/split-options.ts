import { OptionsError, type ProgressListener } from '@janus/core';
import type { LeakKind } from './leak-kind.js';
import type { SplitName } from '../manifest/split-name.js';
import type { DatasetRecord } from '../manifest/dataset-record.js';
import { MAX_HASH_DISTANCE } from '../duplicates/near-duplicates.js';

/** Options of {@link splitDataset}. */
export interface SplitOptions {
  /** Share of the kept rows that goes to validation, from 0 to below 1; default 0.15. */
  readonly validation?: number;
  /** Share of the kept rows that goes to test, above 0 and below 1; default 0.15. */
  readonly test?: number;
  /** Seed of the order in which groups are assigned, a whole number; default 1. */
  readonly seed?: number;
  /** Columns whose values, and combinations of values, are spread evenly over the splits; default none. */
  readonly stratify?: readonly string[];
  /** Columns of which rows with equal values stay in one split; default `identity`. */
  readonly group?: readonly string[];
  /**
   * Bits in which the perceptual hashes of two images may differ for them to stay in one split: 0 to 32, where 0
   * turns this off. Default 4: unrelated portraits differ in more.
   */
  readonly nearDuplicates?: number;
  /** Column of which every class is undersampled to the size of the smallest one; default none. */
  readonly balance?: string;
  /**
   * Number of folds, 3 to 1000, that the rows are dealt into evenly; the column `fold` then holds 0 to
   * `folds - 1`, fold 0 is the test split and fold 1 validation. Default none.
   */
  readonly folds?: number;
  /** Splits whose rows stay in them, as the source or an earlier split assigned them; default none. */
  readonly keep?: readonly SplitName[];
  /**
   * Whether a row of a kept split is removed when the same image or person is in the kept test split (or in
   * validation, for a row of train); default false: that is an error.
   */
  readonly dropLeaks?: boolean;
  /** Kinds of leaks that are not an error; default none. */
  readonly allowLeaks?: readonly LeakKind[];
}

/** Options that do not change the outcome of a split. */
export interface SplitRun {
  /** Called while files are read whose sha256 the manifest lacks. */
  readonly report?: ProgressListener;
}

/** {@link SplitOptions} with their defaults, as they are recorded; null for an option without a value. */
export interface ResolvedSplitOptions {
  readonly validation: number;
  readonly test: number;
  readonly seed: number;
  readonly stratify: readonly string[];
  readonly group: readonly string[];
  readonly nearDuplicates: number;
  readonly balance: string | null;
  readonly folds: number | null;
  readonly keep: readonly SplitName[];
  readonly dropLeaks: boolean;
  readonly allowLeaks: readonly LeakKind[];
}

/** The default of {@link SplitOptions.nearDuplicates}, in bits. */
export const NEAR_DUPLICATE_DISTANCE = 4;

const MAX_FOLDS = 1000;

/**
 * Returns options with their defaults.
 *
 * @throws OptionsError when a value breaks a rule, or two options exclude each other
 */
export function resolveSplitOptions(options: SplitOptions): ResolvedSplitOptions {
  const resolved: ResolvedSplitOptions = {
    validation: options.validation ?? 0.15,
    test: options.test ?? 0.15,
    seed: options.seed ?? 1,
    // A balanced column is balanced in every split.
    stratify: [...new Set([...(options.stratify ?? []), ...listed(options.balance)])],
    group: options.group ?? ['identity'],
    nearDuplicates: options.nearDuplicates ?? NEAR_DUPLICATE_DISTANCE,
    balance: options.balance ?? null,
    folds: options.folds ?? null,
    keep: options.keep ?? [],
    dropLeaks: options.dropLeaks ?? false,
    allowLeaks: options.allowLeaks ?? [],
  };
  const { validation, test, nearDuplicates, folds, keep, dropLeaks } = resolved;
  if (!(validation >= 0) || !(test > 0) || validation + test >= 1) {
    throw new OptionsError(
      `split: validation and test must be shares that leave rows to train on, but got ${validation} and ${test}. Try 0.15 each.`,
    );
  }
  if (
    !Number.isInteger(nearDuplicates) ||
    nearDuplicates < 0 ||
    nearDuplicates > MAX_HASH_DISTANCE
  ) {
    throw new OptionsError(
      `split: nearDuplicates must be a whole number of bits from 0 to ${MAX_HASH_DISTANCE}, but got ${nearDuplicates}. Try ${NEAR_DUPLICATE_DISTANCE}.`,
    );
  }
  if (folds !== null && !(Number.isInteger(folds) && folds >= 3 && folds <= MAX_FOLDS)) {
    throw new OptionsError(
      `split: folds must be a whole number from 3 to ${MAX_FOLDS} (one to test, one to validate, the rest to train), but got ${folds}. Try 5.`,
    );
  }
  if (folds !== null && keep.length > 0) {
    throw new OptionsError(
      `split: folds assign every row, but keep asks for ${keep.join(' and ')} to stay. Leave one of the two out.`,
    );
  }
  if (dropLeaks && keep.length < 2) {
    throw new OptionsError(
      `split: dropLeaks needs at least two splits in keep, but got ${keep.length}. Keep train and test, or leave dropLeaks out: rows of other splits never leak.`,
    );
  }
  return resolved;
}

/** Returns the number of folds that a data set's record names; 0 where there are none. */
export function foldsOf({ steps }: DatasetRecord): number {
  const options = steps.find(({ step }) => step === 'split')?.options;
  const folds = (options as { readonly folds?: unknown } | undefined)?.folds;
  return typeof folds === 'number' ? folds : 0;
}

function listed(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}
