import { join } from 'node:path';
import { writeJson } from '@janus/core';
import { datasetStats, readDatasetRecord } from '@janus/data';

/** Writes `data.json` beside the runs: what the report says of the data they were trained on. */
export async function writeDataSummary(
  runs: string,
  data: string,
  sheets: readonly { readonly title: string; readonly file: string }[],
): Promise<void> {
  const { values, splits } = await datasetStats(data);
  const { name, source, licence, steps } = await readDatasetRecord(data);
  await writeJson(join(runs, 'data.json'), {
    name,
    source,
    licence,
    steps,
    distributions: { split: splits, ...values },
    sheets,
  });
}
