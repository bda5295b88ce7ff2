/** What a run is to tell of its data set, when that is several targets or a number. */
import { DataError, OptionsError, type Reporter } from '@janus/core';
import {
  classesOf,
  imagePathOf,
  keptRows,
  labelledItems,
  type Dataset,
  type LabelledItem,
  type ManifestRow,
  type RowsOptions,
} from '@janus/data';
import {
  binOfNumber,
  rangesOf,
  scaleOfNumbers,
  scaleOfRanges,
  type HeadLabels,
  type NamedScale,
  type TargetDescription,
} from '@janus/models';
import { checkClasses } from './check-classes.js';
import { numberOf } from './tasks-numbers.js';
import { isPlain, targetsOf, type Target } from './tasks-targets.js';

/** What {@link tasksOf} takes beside the targets. */
export interface TasksOptions {
  /** Width of a number's bins, in its unit; default a round one. */
  readonly binWidth?: number;
  readonly reporter: Pick<Reporter, 'log'>;
}

/**
 * Returns what each head of a run is to tell: the classes of a column, or the bins of its numbers, with edges and
 * centres from the training images alone.
 *
 * @throws OptionsError when a width is given but no target is a number; DataError when a class has no image in train, or
 * a number has no value in train or validation
 */
export function tasksOf(
  dataset: Dataset,
  targets: readonly Target[],
  { binWidth, reporter }: TasksOptions,
): readonly TargetDescription[] {
  if (binWidth !== undefined && !targets.some(({ kind }) => kind === 'numbers')) {
    throw noNumbers(targets.map(({ column }) => column).join(','));
  }
  return targets.map(({ column, kind }) => {
    if (kind === 'classes') {
      checkClasses(dataset, column, reporter);
      return { target: column, classes: classesOf(dataset, column) };
    }
    return { target: column, ...scaleOf(dataset, { column, kind }, binWidth) };
  });
}

/** The error where a width of bins is given, but there is nothing to tell in bins. */
export const noNumbers = (target: string): OptionsError =>
  new OptionsError(
    `--bin-width: needs a target of numbers, but ${target} has none. Leave it out, or add :bins to a column of numbers.`,
  );

/** Returns the bins of a number. */
function scaleOf(
  dataset: Dataset,
  { column, kind }: { readonly column: string; readonly kind: 'numbers' | 'ranges' },
  width: number | undefined,
): NamedScale {
  const ranges = kind === 'ranges' ? rangesOf(classesOf(dataset, column)) : undefined;
  const middles = new Map(ranges?.map(({ text, middle }) => [text, middle]));
  const valuesIn = (split: 'train' | 'validation'): readonly number[] =>
    keptRows(dataset, { split }).flatMap(({ labels }) => {
      const cell = labels[column] ?? null;
      return (ranges === undefined ? numberOf(cell) : middles.get(String(cell))) ?? [];
    });
  const values = valuesIn('train');
  if (values.length === 0 || valuesIn('validation').length === 0) {
    throw new DataError(
      `${dataset.folder}: ${column} needs values in train and validation, but has ${values.length} in train and ${valuesIn('validation').length} in validation. Split again with \`npx janus data split ${dataset.folder}\`, or leave ${column} out.`,
      { path: dataset.folder },
    );
  }
  if (ranges !== undefined) return scaleOfRanges(ranges, values);
  return scaleOfNumbers(values, width === undefined ? {} : { width });
}

/** An image with what is known of it for each target. */
export interface TaskItem extends LabelledItem, HeadLabels {
  /** Class number of the first target; -1 where it has none. */
  readonly label: number;
}

/** Returns the label and the number of a row for each target. */
function labelsOfRow({ labels }: ManifestRow, targets: readonly TargetDescription[]): HeadLabels {
  const found = targets.map(({ target, classes, scale }): readonly [number, number | null] => {
    const cell = labels[target] ?? null;
    if (cell === null) return [-1, null];
    const named = classes.indexOf(String(cell));
    if (scale === undefined) return [named, null];
    // An open range has a middle only among the others.
    const value = numberOf(cell) ?? scale.centres[named] ?? null;
    return value === null ? [-1, null] : [binOfNumber(value, scale), value];
  });
  return { labels: found.map(([label]) => label), values: found.map(([, value]) => value) };
}

/**
 * Returns the kept rows that meet the conditions and have a value for at least one target, as images with what is
 * known of them. A class that a target does not have counts as no value.
 */
export function taskItems(
  dataset: Dataset,
  targets: readonly TargetDescription[],
  options: RowsOptions = {},
): readonly TaskItem[] {
  return keptRows(dataset, options).flatMap((row) => {
    const known = labelsOfRow(row, targets);
    if (known.labels.every((label) => label < 0)) return [];
    return [
      {
        ...{ id: row.id, path: imagePathOf(dataset.folder, row.path), ...known },
        label: known.labels[0] ?? -1,
        cluster: row.identity ?? row.id,
      },
    ];
  });
}

/**
 * Returns the kept rows that meet the conditions and have a value for at least one of the targets that a run's option
 * names.
 *
 * @throws OptionsError when there is no label column of a target's name
 */
export function imagesOfTargets(
  dataset: Dataset,
  target: string,
  options: RowsOptions = {},
): readonly Pick<LabelledItem, 'id' | 'path'>[] {
  const targets = targetsOf(dataset, target);
  if (isPlain(targets)) return labelledItems(dataset, targets[0]?.column ?? '', options);
  return keptRows(dataset, options).flatMap(({ id, path, labels }) =>
    targets.some(({ column }) => (labels[column] ?? null) !== null)
      ? [{ id, path: imagePathOf(dataset.folder, path) }]
      : [],
  );
}
