import { basename } from 'node:path';
import { writeDatasetRecord, writeManifest, type ManifestRow } from '../manifest/manifest.js';

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
