/** The attributes that a backbone is pretrained on. */
import { DataError, OptionsError } from '@janus/core';
import { keptRows, type Dataset, type ManifestRow } from '@janus/data';

/** Most classes of a column that is taken without being named: more are names, not attributes. */
const MOST_CLASSES = 20;

/** A label column with its values, sorted: a value's index is its class number. */
export interface Attribute {
  readonly name: string;
  readonly classes: readonly string[];
}

/**
 * Returns the attributes of a data set: the columns named, or, where none is, all columns of 2 to 20 texts.
 *
 * @throws OptionsError when there is no column of a name; DataError when a column has fewer than 2 values, or no column
 * is left
 */
export function attributesOf(
  dataset: Dataset,
  named: readonly string[] | undefined,
): readonly Attribute[] {
  const rows = keptRows(dataset);
  const unknown = named?.find((name) => !dataset.labels.includes(name));
  if (unknown !== undefined) {
    throw new OptionsError(
      `${dataset.folder}: attributes must be label columns (${dataset.labels.join(', ')}), but got ${unknown}. Name some of these.`,
    );
  }
  const attributes = (named ?? dataset.labels).map((name) => ({
    name,
    classes: [...new Set(rows.flatMap((row) => textOf(row, name) ?? []))].sort(),
  }));
  if (named === undefined) {
    const usable = attributes.filter(
      ({ classes }) => classes.length >= 2 && classes.length <= MOST_CLASSES,
    );
    if (usable.length > 0) return usable;
    throw new DataError(
      `${dataset.folder}: must have a label column of 2 to ${MOST_CLASSES} texts, but has none. Import generated faces: \`janus data import synthetic 6000 --out data/faces\`.`,
      { path: dataset.folder },
    );
  }
  const short = attributes.find(({ classes }) => classes.length < 2);
  if (short === undefined) return attributes;
  throw new DataError(
    `${dataset.folder}: ${short.name} must have at least two texts among the kept rows, but has ${short.classes.join(', ') || 'none'}. Choose another column.`,
    { path: dataset.folder },
  );
}

/** Only texts are classes: an age has its group beside it. */
function textOf({ labels }: ManifestRow, column: string): string | null {
  const value = labels[column] ?? null;
  return typeof value === 'string' ? value : null;
}

/** Returns the class numbers of rows, -1 where a value is missing: [rows, attributes]. */
export function labelsOf(
  rows: readonly ManifestRow[],
  attributes: readonly Attribute[],
): readonly Int32Array[] {
  return rows.map((row) =>
    Int32Array.from(attributes, ({ name, classes }) => classes.indexOf(textOf(row, name) ?? '')),
  );
}
