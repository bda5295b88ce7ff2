import { basename } from 'node:path';
import { writeDatasetRecord } from '../record/record-step.js';
import { writeManifest } from '../manifest/manifest.js';
import type { ManifestRow } from '../manifest/manifest-row.js';

/** Makes a data folder of rows, with a record of no steps; returns it. */
export async function makeDataFolder(
  folder: string,
  rows: readonly ManifestRow[],
): Promise<string> {
  await writeManifest(folder, rows);
  const [name, source, licence] = [basename(folder), 'made', 'none'];
  await writeDatasetRecord(folder, { format: 1, name, source, licence, options: {}, steps: [] });
  return folder;
}
