/** The record of a data folder, for programs (`dataset.json`) and for people (`DATA.md`). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic, writeJson } from '@janus/core';
import { dataStatement } from './data-statement.js';
import {
  readDatasetRecord,
  RECORD_FILE,
  type DatasetRecord,
  type StepResult,
} from '../manifest/dataset-record.js';
import { datasetStats } from '../explore/dataset-stats.js';
import { labelAssociations } from '../explore/label-associations.js';

/** The name of the data statement's file. */
const STATEMENT_FILE = 'DATA.md';

/**
 * Writes `dataset.json`, and `DATA.md` from it and from the manifest; without a manifest, there is no `DATA.md`.
 *
 * @throws DataError when the manifest cannot be read
 */
export async function writeDatasetRecord(folder: string, record: DatasetRecord): Promise<void> {
  await writeJson(join(folder, RECORD_FILE), record);
  if (!existsSync(join(folder, 'manifest.parquet'))) return;
  const stats = await datasetStats(folder);
  const associations = await labelAssociations(folder, stats);
  await writeFileAtomic(
    join(folder, STATEMENT_FILE),
    dataStatement({ record, stats, associations }),
  );
}

/**
 * Adds a step to the record of a data folder, in place of an earlier run of it; the manifest must be
 * written before.
 */
export async function recordStep(
  folder: string,
  step: string,
  details: { readonly result: StepResult; readonly options: unknown },
): Promise<void> {
  const record = await readDatasetRecord(folder);
  const { rows, rejected, reasons } = details.result;
  const entry = { step, rows, rejected, reasons, options: details.options };
  await writeDatasetRecord(folder, {
    ...record,
    steps: [...record.steps.filter((each) => each.step !== step), entry],
  });
}
