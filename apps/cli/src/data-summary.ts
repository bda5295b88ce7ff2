import { join } from 'node:path';
import { writeJson } from '@janus/core';
import { datasetStats, openDataset } from '@janus/data';

/** Writes `data.json` beside the runs: what the report says of the data they were trained on. */
export async function writeDataSummary(
  runs: string,
  data: string,
  sheets: readonly { readonly title: string; readonly file: string }[],
): Promise<void> {
  const dataset = await openDataset(data);
  const { values, splits } = datasetStats(dataset);
  const { name, source, licence, steps } = dataset.record;
  await writeJson(join(runs, 'data.json'), {
    name,
    source,
    licence,
    steps,
    distributions: { split: splits, ...values },
    sheets,
  });
}
