/** The table of a sweep as files. */
import { join } from 'node:path';
import { SWEEP_FILE, writeFileAtomic, writeSweep, type SweepRecord } from '@janus/core';
import { writeFigure } from '../figure-files.js';
import { sweepCsv, sweepMarkdown } from './sweep-table.js';

/**
 * Writes `sweep.json`, `sweep.md` and `sweep.csv` to a folder, and with `figure` (default false) `sweep.svg` and
 * `sweep.png`; replaces files that are there, and returns them.
 */
export async function writeSweepTable(
  folder: string,
  record: SweepRecord,
  { figure = false }: { readonly figure?: boolean } = {},
): Promise<readonly string[]> {
  const texts = {
    'sweep.md': `${sweepMarkdown(record).join('\n')}\n`,
    'sweep.csv': sweepCsv(record),
  };
  await writeSweep(folder, record);
  for (const [name, text] of Object.entries(texts)) {
    await writeFileAtomic(join(folder, name), text);
  }
  const files = [SWEEP_FILE, ...Object.keys(texts)].map((name) => join(folder, name));
  if (!figure || record.rows.length === 0) return files;
  // Loads Plotly's bundle: only when figures are asked for.
  const { sweepFigure } = await import('@janus/figures');
  const drawn = sweepFigure(record.rows, {
    title: `${record.name} on ${record.data}`,
    ...(record.majority === null ? {} : { majority: record.majority }),
  });
  return [...files, ...(await writeFigure(drawn, join(folder, 'sweep')))];
}
