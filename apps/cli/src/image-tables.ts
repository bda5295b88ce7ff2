/** What `predict` and `translate` found, as CSV: a row for each file, those that could not be used last. */
import { csvLine } from '@janus/core';
import type {
  ImagePredictions,
  ImageTargetPredictions,
  ImageTranslations,
  TranslatedImage,
} from '@janus/runs';

/** Columns: file, predicted, expected (of a number), p_<class> for each class, error. */
export function predictionTable(found: ImagePredictions): readonly string[] {
  const { target, classes, rows, unreadable } = found;
  return tableOf({
    columns: [
      { prefix: '', target, classes, isNumber: rows.some(({ value }) => value !== undefined) },
    ],
    rows: rows.map(({ file, ...own }) => ({ file, predictions: { [target]: own } })),
    unreadable,
  });
}

/**
 * Columns: file; of each target `<target>_predicted`, `<target>_expected` (of a number) and `<target>_p_<class>` for each
 * class; error.
 */
export function targetsTable({
  targets,
  rows,
  unreadable,
}: ImageTargetPredictions): readonly string[] {
  const columns = targets.map(({ target, classes, scale }) => ({
    ...{ prefix: `${target}_`, target, classes, isNumber: scale !== undefined },
  }));
  return tableOf({ columns, rows, unreadable });
}

/** The columns of one target. */
interface TargetColumns {
  readonly prefix: string;
  readonly target: string;
  readonly classes: readonly string[];
  readonly isNumber: boolean;
}

function tableOf({
  columns,
  rows,
  unreadable,
}: Pick<ImageTargetPredictions, 'rows' | 'unreadable'> & {
  readonly columns: readonly TargetColumns[];
}): readonly string[] {
  const names = columns.flatMap(({ prefix, classes, isNumber }) => [
    `${prefix}predicted`,
    ...(isNumber ? [`${prefix}expected`] : []),
    ...classes.map((name) => `${prefix}p_${name}`),
  ]);
  return [
    csvLine(['file', ...names, 'error']),
    ...rows.map(({ file, predictions }) => {
      const cells = columns.flatMap(({ target, classes, isNumber }) => {
        const own = predictions[target];
        const shares = classes.map((name) => own?.probabilities[name] ?? null);
        return [own?.prediction ?? null, ...(isNumber ? [own?.value ?? null] : []), ...shares];
      });
      return csvLine([file, ...cells, null]);
    }),
    ...unreadable.map(({ file, reason }) => csvLine([file, ...names.map(() => null), reason])),
  ];
}

/** Columns: file, out, error. */
export function translationTable({
  rows,
  unreadable,
}: {
  readonly rows: readonly Pick<TranslatedImage, 'file' | 'out'>[];
  readonly unreadable: ImageTranslations['unreadable'];
}): readonly string[] {
  return [
    csvLine(['file', 'out', 'error']),
    ...rows.map(({ file, out }) => csvLine([file, out, null])),
    ...unreadable.map(({ file, reason }) => csvLine([file, null, reason])),
  ];
}
