/** The targets that a run's option names: `gender,age:bins,race`. */
import { OptionsError } from '@janus/core';
import { classesOf, keptRows, type Dataset } from '@janus/data';
import { rangesOf } from '@janus/models';
import { numberOf } from './tasks-numbers.js';

/** A label column, and what it holds. */
export interface Target {
  readonly column: string;
  /** Classes; numbers, told in bins; or ranges of numbers, which are bins themselves. */
  readonly kind: 'classes' | 'numbers' | 'ranges';
}

/** Distinct numbers up to which a column of numbers holds classes: 0 and 1, digits, grades. Ages have more. */
const MAX_NUMBER_CLASSES = 20;

/**
 * Returns the targets of a comma-separated list. A column of more than 20 different numbers is predicted in bins, as is one
 * of ranges when it is not alone; any other column by its classes. `:bins` and `:classes` after a name decide otherwise.
 *
 * @throws OptionsError when there is no label column of a name, one is named twice, or `:bins` is asked of a column
 * without numbers; DataError when a column has fewer than two values
 */
export function targetsOf(dataset: Dataset, text: string): readonly Target[] {
  const pieces = dataset.labels.includes(text)
    ? [text]
    : text
        .split(',')
        .map((piece) => piece.trim())
        .filter((piece) => piece !== '');
  if (pieces.length === 0) {
    throw new OptionsError(
      `--target: must name a label column (${dataset.labels.join(', ')}), but names none. Choose one of them.`,
    );
  }
  const targets = pieces.map((piece) => targetOf(dataset, piece, pieces.length === 1));
  const columns = targets.map(({ column }) => column);
  const twice = columns.find((column, i) => columns.indexOf(column) < i);
  if (twice !== undefined) {
    throw new OptionsError(`--target: must name a column once, but names ${twice} twice.`);
  }
  return targets;
}

function targetOf(dataset: Dataset, piece: string, isAlone: boolean): Target {
  const match = dataset.labels.includes(piece) ? null : /^(.+):(bins|classes)$/.exec(piece);
  const [, column = piece, form] = match ?? [];
  const names = classesOf(dataset, column);
  if (form === 'classes') return { column, kind: 'classes' };
  const isRanges = rangesOf(names) !== undefined;
  const cells = keptRows(dataset).flatMap(({ labels }) => labels[column] ?? []);
  const isNumbers = cells.every((cell) =>
    form === 'bins' ? numberOf(cell) !== null : typeof cell === 'number',
  );
  if (form === 'bins') {
    if (isRanges) return { column, kind: 'ranges' };
    if (isNumbers) return { column, kind: 'numbers' };
    throw new OptionsError(
      `--target: ${column}:bins needs a column of numbers, or of ranges that do not overlap, but it holds ${names.slice(0, 5).join(', ')}. Write ${column} alone.`,
    );
  }
  if (isNumbers && names.length > MAX_NUMBER_CLASSES) return { column, kind: 'numbers' };
  return { column, kind: isRanges && !isAlone ? 'ranges' : 'classes' };
}

/** Whether targets are one with classes, which needs no tasks. */
export const isPlain = (targets: readonly Target[]): boolean =>
  targets.length === 1 && targets[0]?.kind === 'classes';
