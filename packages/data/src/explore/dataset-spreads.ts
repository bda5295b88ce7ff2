/** Histograms of numbers and sizes, counted by SQL, for figures of any number of rows. */
import { EDGE_TOLERANCE, roundBinWidth, type BinGrid, type Bins } from '@janus/core';
import type { DatasetStats } from './dataset-stats.js';
import type { SizeSummary, NumberSummary } from './number-summaries.js';
import {
  ask,
  labelNumber,
  numberOf,
  withManifest,
  type ManifestQuestion,
} from '../manifest/manifest-question.js';

/** Histograms of the kept rows. */
export interface DatasetSpreads {
  /** By label column, where its values are numbers. */
  readonly numbers: Readonly<Record<string, Bins>>;
  /** Width (x) and height (y) of the images in pixels; null where they are not measured. */
  readonly sizes: BinGrid | null;
  /** Width (x) and height (y) of the boxes in pixels; null without boxes. */
  readonly boxes: BinGrid | null;
}

/** Most bins of a histogram: enough to show two peaks, few enough for a hundred rows. */
const MAX_BINS = 30;

/** Most bins of each side of a histogram of sizes. */
const MAX_SIDE_BINS = 24;

/**
 * Returns histograms of the numbers and sizes of a data folder.
 *
 * @param stats counts of the same folder, which hold the range of each column
 * @throws DataError when the folder holds no readable manifest or record
 */
export async function datasetSpreads(folder: string, stats: DatasetStats): Promise<DatasetSpreads> {
  return await withManifest(folder, async (question) => {
    const numbers: Record<string, Bins> = {};
    for (const [name, summary] of Object.entries(stats.numbers)) {
      numbers[name] = await countBins(question, labelNumber(question.types, name).sql, summary);
    }
    const { box } = question;
    return {
      numbers,
      sizes: await countSizes(question, { width: 'width', height: 'height' }, stats.sizes),
      boxes: box === null ? null : await countSizes(question, box, stats.boxes),
    };
  });
}

/** Returns SQL of the bin number of a value. */
const binSql = (value: string, width: number): string =>
  `CAST(floor((${value}) / CAST(${width} AS DOUBLE) + ${EDGE_TOLERANCE}) AS BIGINT)`;

const binOf = (value: number, width: number): number => Math.floor(value / width + EDGE_TOLERANCE);

async function countBins(
  { connection, kept }: ManifestQuestion,
  value: string,
  { min, max, whole }: NumberSummary,
): Promise<Bins> {
  const width = roundBinWidth(min, max, { maxBins: MAX_BINS, whole });
  const first = binOf(min, width);
  const counts = Array.from({ length: binOf(max, width) - first + 1 }, () => 0);
  const groups = await ask(
    connection,
    `SELECT ${binSql(value, width)} AS bin, count(*) FROM ${kept} WHERE isfinite(CAST(${value} AS DOUBLE)) GROUP BY bin`,
  );
  for (const [bin, n] of groups) counts[numberOf(bin) - first] = numberOf(n);
  return { first, width, counts };
}

async function countSizes(
  { connection, kept }: ManifestQuestion,
  side: { readonly width: string; readonly height: string },
  summary: SizeSummary | null,
): Promise<BinGrid | null> {
  if (summary === null) return null;
  const { width, height } = summary;
  // One width for both sides, so that a square image lies on the diagonal.
  const bin = roundBinWidth(Math.min(width.min, height.min), Math.max(width.max, height.max), {
    maxBins: MAX_SIDE_BINS,
    whole: width.whole && height.whole,
  });
  const [x, y] = [binOf(width.min, bin), binOf(height.min, bin)];
  const columns = binOf(width.max, bin) - x + 1;
  const counts = Array.from({ length: binOf(height.max, bin) - y + 1 }, () =>
    Array.from({ length: columns }, () => 0),
  );
  const groups = await ask(
    connection,
    `SELECT ${binSql(side.width, bin)} AS x, ${binSql(side.height, bin)} AS y, count(*) FROM ${kept}
     WHERE isfinite(CAST(${side.width} AS DOUBLE)) AND isfinite(CAST(${side.height} AS DOUBLE)) GROUP BY ALL`,
  );
  for (const [i, j, n] of groups) {
    const row = counts[numberOf(j) - y];
    if (row !== undefined) row[numberOf(i) - x] = numberOf(n);
  }
  return { x: { first: x, width: bin }, y: { first: y, width: bin }, counts };
}
