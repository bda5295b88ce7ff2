import { join } from 'node:path';
import { writeJson, type ProgressListener } from '@janus/core';
import {
  datasetSpreads,
  datasetStats,
  readDatasetRecord,
  type DatasetSpreads,
  type DatasetStats,
} from '@janus/data';
import type { DataSetCounts, SizeCounts } from '@janus/figures';
import { writeFigure } from '../figure-files.js';

/** A sheet of images that the report shows. */
export interface SummarySheet {
  readonly title: string;
  /** Relative to the summary. */
  readonly file: string;
}

/** Writes `data.json` beside the runs: what the report says of the data they were trained on. */
export async function writeDataSummary(
  runs: string,
  data: string,
  sheets: readonly SummarySheet[],
): Promise<void> {
  const { name, source, licence } = await readDatasetRecord(data);
  const counts = await dataSetCounts(data);
  await writeJson(join(runs, 'data.json'), { name, source, licence, ...counts, sheets });
}

/**
 * Returns the counts that `dataSetFigures` draws a data folder from.
 *
 * @throws DataError when the folder holds no data set
 */
export async function dataSetCounts(data: string): Promise<DataSetCounts> {
  return await dataCounts(data, await datasetStats(data));
}

async function dataCounts(data: string, stats: DatasetStats): Promise<DataSetCounts> {
  const { steps } = await readDatasetRecord(data);
  const { kept, splits, values, splitValues, missing } = stats;
  const { numbers, sizes, boxes } = await datasetSpreads(data, stats);
  return {
    steps: steps.map(({ step, rows, rejected, reasons }) => ({ step, rows, rejected, reasons })),
    kept,
    distributions: { split: splits, ...values },
    splitBalances: splitValues,
    missing,
    numbers,
    sizes: sizeCounts(sizes, stats.sizes),
    boxes: sizeCounts(boxes, stats.boxes),
  };
}

function sizeCounts(
  grid: DatasetSpreads['sizes'],
  summary: DatasetStats['sizes'],
): SizeCounts | undefined {
  if (grid === null || summary === null) return undefined;
  return { grid, median: { width: summary.width.median, height: summary.height.median } };
}

/**
 * Writes the figures of a data folder as SVG and PNG files, and `data.json`, from which `janus report`
 * shows them; returns the files.
 */
export async function writeDataFigures(
  data: string,
  out: string,
  context: { readonly stats: DatasetStats; readonly report: ProgressListener },
): Promise<readonly string[]> {
  const { stats, report } = context;
  // Loads Plotly's bundle: only when figures are asked for.
  const { dataSetFigures, dataSetFlow } = await import('@janus/figures');
  const counts = await dataCounts(data, stats);
  const flow = dataSetFlow(counts);
  const figures = [
    ...dataSetFigures(counts),
    ...(flow === undefined ? [] : [{ name: 'flow', figure: flow }]),
  ];
  const files: string[] = [];
  for (const [i, { name, figure }] of figures.entries()) {
    files.push(...(await writeFigure(figure, join(out, name))));
    report({ done: i + 1, total: figures.length, unit: 'figures', label: 'drawing' });
  }
  await writeDataSummary(out, data, []);
  return [...files, join(out, 'data.json')];
}
