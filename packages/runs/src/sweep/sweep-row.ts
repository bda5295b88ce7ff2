/** What a row of a sweep is. */
import { percentText } from '@janus/core';
import { CLASSIFIER_PAPER, type ClassifierPreset } from '../classifier/options.js';

/** A classifier of a table. */
export interface ClassifierSweepRow {
  readonly kind: 'classifier';
  /** What sets it apart, in words; default: head, dropout, batch and trained blocks. */
  readonly name?: string;
  /** Label column to learn. */
  readonly target: string;
  /** Accuracy in the paper, 0 to 1; absent where there is none. */
  readonly paper?: number;
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

/** A row of a sweep; its `kind` says what is trained. */
export type SweepRow = ClassifierSweepRow;

/** Returns what sets a row apart, in words. */
export function rowName({ name, options, images }: SweepRow): string {
  if (name !== undefined) return name;
  const { head, dropout, batchSize, unfreeze } = { ...CLASSIFIER_PAPER, ...options };
  return [
    ...[head, dropout === 0 ? 'no dropout' : `dropout ${percentText(dropout).replace('.0', '')}`],
    ...[`batch ${batchSize}`, unfreeze === 'none' ? 'frozen' : `trained from ${unfreeze}`],
    ...(images === undefined ? [] : [`${images} images`]),
  ].join(', ');
}
