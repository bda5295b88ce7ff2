import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { readManifest } from '../manifest/manifest.js';
import type { ManifestRow } from '../manifest/manifest-row.js';
import { readTable } from '../manifest/tables.js';
import { importCsv, type ImportCsvOptions, type ImportCsvResult } from './import-csv.js';

/** A folder with some images, for all tests of a file. */
export let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-csv-'));
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg', 'sub/a.jpg', 'sub/d e.jpg']) {
    await mkdir(join(root, 'sub'), { recursive: true });
    await writeFile(join(root, name), name);
  }
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

let count = 0;

/** Imports a table of this content. */
export async function imported(
  content: string | Uint8Array,
  options: Partial<ImportCsvOptions> & { readonly file?: string } = {},
): Promise<{ result: ImportCsvResult; rows: ManifestRow[]; rejects: unknown[][]; out: string }> {
  const { file = `table-${count++}.csv`, ...rest } = options;
  await writeFile(join(root, file), content);
  const out = join(root, `out-${count++}`);
  const result = await importCsv(join(root, file), { out, ...rest });
  return { result, ...(await outcome(out)), out };
}

/** Reads what an import left. */
export async function outcome(out: string): Promise<{ rows: ManifestRow[]; rejects: unknown[][] }> {
  const rejects = await readTable(join(out, 'rejects.parquet'));
  return {
    rows: await readManifest(out),
    rejects: rejects.map(({ row, path, reason }) => [row, path, reason]),
  };
}
