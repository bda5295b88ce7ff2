/** Minimum, mean, median and maximum of columns of numbers. */
import {
  ask,
  numberOf,
  type ManifestQuestion,
  type NumberColumn,
} from '../manifest/manifest-question.js';

/** Summary of a column of numbers over the kept rows. */
export interface NumberSummary {
  /** Rows with a value. */
  readonly n: number;
  /** Rows without a value. */
  readonly missing: number;
  readonly min: number;
  readonly mean: number;
  readonly median: number;
  readonly max: number;
  /** Whether all values are integers. */
  readonly whole: boolean;
}

/** Summary of sizes in pixels. */
export interface SizeSummary {
  readonly width: NumberSummary;
  readonly height: NumberSummary;
  /** The shorter of the two sides. */
  readonly shorter: NumberSummary;
}

/** Significant digits of a mean: the last digits of a floating-point sum depend on the order of the rows. */
const MEAN_DIGITS = 12;

/** Returns a summary of each column over the kept rows; null for one without a value. */
export async function summarise(
  { connection, kept }: ManifestQuestion,
  columns: readonly NumberColumn[],
  rows: number,
): Promise<readonly (NumberSummary | null)[]> {
  if (columns.length === 0) return [];
  const select = columns.map(({ sql, whole }) => {
    const of = (aggregate: string): string =>
      `${aggregate}(${sql})${whole ? '' : ` FILTER (isfinite(CAST(${sql} AS DOUBLE)))`}`;
    const aggregates = ['count', 'min', 'avg', 'median', 'max'].map(of);
    const fractions = whole ? '0' : `count(*) FILTER (${sql} <> floor(${sql}))`;
    return [...aggregates, fractions].join(', ');
  });
  const [row = []] = await ask(connection, `SELECT ${select.join(', ')} FROM ${kept}`);
  return columns.map((_, i) => {
    const six = row.slice(6 * i, 6 * i + 6).map(numberOf);
    const [n = 0, min = 0, mean = 0, median = 0, max = 0, fractions = 0] = six;
    if (n === 0) return null;
    const rounded = Number(mean.toPrecision(MEAN_DIGITS));
    return { n, missing: rows - n, min, mean: rounded, median, max, whole: fractions === 0 };
  });
}

/** Returns the columns whose summaries {@link sizeOf} takes. */
export function sizeColumns(side: {
  readonly width: string;
  readonly height: string;
  readonly whole: boolean;
}): readonly NumberColumn[] {
  const { width, height, whole } = side;
  const shorter = `CASE WHEN ${width} IS NOT NULL AND ${height} IS NOT NULL THEN least(${width}, ${height}) END`;
  return [width, height, shorter].map((sql) => ({ sql, whole }));
}

/** Returns the summary of sizes from those of {@link sizeColumns}; null without a value. */
export function sizeOf(summaries: readonly (NumberSummary | null)[]): SizeSummary | null {
  const [width = null, height = null, shorter = null] = summaries;
  return width === null || height === null || shorter === null ? null : { width, height, shorter };
}
