/** Label columns as numbers that a linear classifier reads. */
import type { Dataset, LabelledItem } from '@janus/data';

/** Rows of numbers. */
interface CodedRows {
  /** float32 [N, columns]. */
  readonly data: Float32Array;
  readonly columns: number;
}

type Cell = string | number | null;

/** One column's numbers for a value. */
type Coder = (value: Cell) => readonly number[];

/**
 * Returns a function that codes the label columns of images: numbers standardised, with their square; texts as one column a
 * value; missing values as a column of their own. Means, deviations and values are those of the training images alone.
 */
export function codeColumns(
  dataset: Dataset,
  columns: readonly string[],
  train: readonly LabelledItem[],
): (items: readonly LabelledItem[]) => CodedRows {
  const rows = new Map(dataset.rows.map((row) => [row.id, row.labels]));
  const valuesOf = (items: readonly LabelledItem[], name: string): readonly Cell[] =>
    items.map(({ id }) => rows.get(id)?.[name] ?? null);
  const coders = columns.map((name) => ({ name, code: coderOf(valuesOf(train, name)) }));
  return (items) => {
    const coded = coders.map(({ name, code }) => valuesOf(items, name).map(code));
    const lines = items.map((_, i) => coded.flatMap((column) => column[i] ?? []));
    return { data: Float32Array.from(lines.flat()), columns: lines[0]?.length ?? 0 };
  };
}

function coderOf(values: readonly Cell[]): Coder {
  const given = values.filter((value) => value !== null);
  if (given.length > 0 && given.every((value) => typeof value === 'number')) {
    const mean = given.reduce((a, b) => a + b, 0) / given.length;
    const variance = given.reduce((a, b) => a + (b - mean) ** 2, 0) / given.length;
    const deviation = Math.sqrt(variance) || 1;
    return (value) => {
      if (typeof value !== 'number') return [0, 0, 1];
      const z = (value - mean) / deviation;
      return [z, z * z, 0];
    };
  }
  const names = [...new Set(given.map(String))].sort();
  return (value) => [
    ...names.map((name) => (value !== null && String(value) === name ? 1 : 0)),
    value === null ? 1 : 0,
  ];
}
