/** What `predict` and `translate` found, as CSV: a row for each file, those that could not be used last. */
import { csvLine } from '@janus/core';
import type { ImagePredictions, ImageTranslations, TranslatedImage } from '@janus/runs';

/** Columns: file, predicted, p_<class> for each class, error. */
export function predictionTable(found: ImagePredictions): readonly string[] {
  const { classes, rows, unreadable } = found;
  return [
    csvLine(['file', 'predicted', ...classes.map((name) => `p_${name}`), 'error']),
    ...rows.map(({ file, prediction, probabilities }) =>
      csvLine([file, prediction, ...classes.map((name) => probabilities[name] ?? null), null]),
    ),
    ...unreadable.map(({ file, reason }) =>
      csvLine([file, null, ...classes.map(() => null), reason]),
    ),
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
