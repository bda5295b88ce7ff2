import { OptionsError, type ProgressListener } from '@janus/core';
import type { LeakKind } from './leak-kind.js';
import type { SplitName } from '../manifest/split-name.js';
import type { DatasetRecord } from '../manifest/dataset-record.js';
import { MAX_HASH_DISTANCE } from '../duplicates/near-duplicates.js';

/** Options of {@link splitDataset}. */
export interface SplitOptions {
  /** Shares of the kept rows, each from 0 to below 1; defaults 0.15 and 0.15. */
  readonly validation?: number;
  readonly test?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Columns whose values, and combinations of values, are spread evenly over the parts; default none. */
  readonly stratify?: readonly string[];
  /** Columns whose equal values stay in one part; default `identity`. */
  readonly group?: readonly string[];
  /**
   * Images whose perceptual hashes differ in at most so many bits stay in one part; 0 to 32, where 0
   * takes no account of hashes. Default 4, under which unrelated portraits do not fall.
   */
  readonly nearDuplicates?: number;
  /** Column whose larger classes lose rows until all have as many as the smallest; default none. */
  readonly balance?: string;
  /**
   * Number of folds, 3 to 1000, that the rows are dealt into evenly: a column `fold` with 0 to
   * `folds - 1`. Fold 0 is then the test part, fold 1 validation. Default none.
   */
  readonly folds?: number;
  /** Parts whose rows stay in them, as the source or an earlier split had it; default none. */
  readonly keep?: readonly SplitName[];
  /**
   * Whether a kept row is taken out when its like is in the kept test part (or validation, for a row of
   * train); default false: that is an error.
   */
  readonly dropLeaks?: boolean;
  /** Leaks that are no error; default none. */
  readonly allowLeaks?: readonly LeakKind[];
}

/** What a split needs that does not change its outcome. */
export interface SplitRun {
  readonly report?: ProgressListener;
}

/** Options with all their values; what is not asked for is null. */
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
    // A balanced class is balanced in every part.
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
      `split: validation and test must be shares that leave something to train on, but got ${validation} and ${test}. Try 0.15 each.`,
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
      `split: folds deal every row anew, but ${keep.join(' and ')} must be kept too. Leave one of the two out.`,
    );
  }
  if (dropLeaks && keep.length < 2) {
    throw new OptionsError(
      `split: dropLeaks needs at least two splits in keep, but got ${keep.length}. Keep train and test, or leave dropLeaks out: rows of other splits never leak.`,
    );
  }
  return resolved;
}

/** Returns how many folds a data set was dealt into, as its record says; 0 where it was not. */
export function foldsOf({ steps }: DatasetRecord): number {
  const options = steps.find(({ step }) => step === 'split')?.options;
  const folds = (options as { readonly folds?: unknown } | undefined)?.folds;
  return typeof folds === 'number' ? folds : 0;
}

function listed(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}
