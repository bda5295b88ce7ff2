/** The story of a data folder: what it is and what was done to it. */
import { join } from 'node:path';
import { writeJson } from '@janus/core';
import {
  readDatasetRecord,
  RECORD_FILE,
  type DatasetRecord,
  type StepResult,
} from './dataset-record.js';

/** Writes `dataset.json`. */
export async function writeDatasetRecord(folder: string, record: DatasetRecord): Promise<void> {
  await writeJson(join(folder, RECORD_FILE), record);
}

/** Adds a step to the story of a data folder whose manifest is as the step left it. */
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
