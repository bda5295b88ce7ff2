/** What a row of a sweep is. */
import { percentText } from '@janus/core';
import { CLASSIFIER_PAPER, type ClassifierPreset } from '../classifier/options.js';
import type { CycleGanPreset } from '../cyclegan/options.js';

/** A classifier of a table. */
export interface ClassifierSweepRow {
  readonly kind: 'classifier';
  /** What sets it apart, in words; default: head, dropout, batch and trained blocks. */
  readonly name?: string;
  /** Label column to learn. */
  readonly target: string;
  /** Accuracy in the paper, 0 to 1; absent where there is none. */
  readonly paper?: number | undefined;
  /** Training images at scale 1; absent: all of the train split. */
  readonly images?: number;
  /**
   * Updates at scale 1, of all phases together: a row with unfrozen blocks makes half of them with its head alone.
   * Absent: the epochs of the options.
   */
  readonly batches?: number;
  /** What differs from `CLASSIFIER_PAPER`. */
  readonly options: Partial<Omit<ClassifierPreset, 'maxSteps' | 'trainImages'>>;
}

/** A CycleGAN of a table. */
export interface CycleGanSweepRow {
  readonly kind: 'cyclegan';
  /** What sets it apart, in words. */
  readonly name: string;
  /** What the paper says of its result; absent where there is none. */
  readonly paper?: string;
  /** Training images of both domains together at scale 1; absent: all. */
  readonly images?: number;
  /** Epochs; the first half at the full learning rate. */
  readonly epochs: number;
  /** What differs from `CYCLEGAN_RUN_PAPER`. */
  readonly options: Partial<
    Omit<CycleGanPreset, 'maxSteps' | 'trainImages' | 'constantEpochs' | 'decayEpochs'>
  >;
}

/** A row of a sweep; its `kind` says what is trained, and is the same in all rows of a table. */
export type SweepRow = ClassifierSweepRow | CycleGanSweepRow;

/** Whether all rows are translations. */
export function areTranslations(rows: readonly SweepRow[]): rows is readonly CycleGanSweepRow[] {
  return rows.every(({ kind }) => kind === 'cyclegan');
}

/** Whether all rows are classifiers. */
export function areClassifiers(rows: readonly SweepRow[]): rows is readonly ClassifierSweepRow[] {
  return rows.every(({ kind }) => kind === 'classifier');
}

/** Returns rows that learn another label column; an accuracy of the paper, which is of theirs, does not belong to it. */
export function rowsOnTarget(
  rows: readonly ClassifierSweepRow[],
  target: string,
): readonly ClassifierSweepRow[] {
  return rows.map((row) => (row.target === target ? row : { ...row, target, paper: undefined }));
}

/** Returns what sets a classifier apart, in words. */
export function rowName({ name, options, images }: ClassifierSweepRow): string {
  if (name !== undefined) return name;
  const { head, dropout, batchSize, unfreeze } = { ...CLASSIFIER_PAPER, ...options };
  return [
    ...[head, dropout === 0 ? 'no dropout' : `dropout ${percentText(dropout).replace('.0', '')}`],
    ...[`batch ${batchSize}`, unfreeze === 'none' ? 'frozen' : `trained from ${unfreeze}`],
    ...(images === undefined ? [] : [`${images} images`]),
  ].join(', ');
}
