import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, OptionsError } from '@janus/core';
import type { Labelling, StepResult } from '../manifest/dataset-record.js';
import { countReasons, writeManifest, writeRejects, type Reject } from '../manifest/manifest.js';
import { writeDatasetRecord } from '../record/record-step.js';
import { REVIEWED_FILE } from '../review/reviewed-labels.js';
import type { ManifestRow } from '../manifest/manifest-row.js';

/** Options of every importer. */
export interface ImportOptions {
  /** The data folder to make. */
  readonly out: string;
  /** Whether a data set that is in `out` already is replaced; default false. */
  readonly force?: boolean;
  /** Terms of use of the images, for the record; default: the source's, as far as they are known. */
  readonly licence?: string;
}

/**
 * Checks that a source exists, and that the output folder may be written.
 *
 * @throws DataError when the source does not exist; OptionsError when the output folder is not empty
 */
export async function checkImport(input: string, options: ImportOptions): Promise<void> {
  if (!existsSync(input)) {
    throw new DataError(`${input}: does not exist. Check the path.`, { path: input });
  }
  await checkOutput(options);
}

/**
 * Checks that the output folder may be written.
 *
 * @throws OptionsError when it holds other files, or a data set and `force` is false
 */
export async function checkOutput({ out, force = false }: ImportOptions): Promise<void> {
  if (!existsSync(out)) return;
  const entries = await readdir(out);
  if (entries.length === 0) return;
  if (!entries.includes('manifest.parquet')) {
    throw new OptionsError(
      `${out}: a data set needs an empty folder, but this one holds other files. Name another folder with --out.`,
    );
  }
  if (!force) {
    throw new OptionsError(
      `${out}: must be empty, but holds a data set already. Name another folder with --out, or replace it with --force.`,
    );
  }
}

/** The outcome of an import. */
interface Imported {
  readonly rows: readonly ManifestRow[];
  readonly rejects: readonly Reject[];
  readonly source: string;
  readonly licence: string;
  /** Where the labels come from; absent where that is not known. */
  readonly labelling?: Labelling;
  /** Options for the record. */
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Writes an imported data set: manifest, rejects and record.
 *
 * @throws DataError when no row is left, or two have the same id; EnvironmentError when the disk is full
 */
export async function finishImport(out: string, imported: Imported): Promise<StepResult> {
  const { rows, rejects } = imported;
  const reasons = countReasons(rejects.map((reject) => reject.reason));
  if (rows.length === 0) throw nothingLeft(imported.source, reasons);
  await mkdir(out, { recursive: true });
  const result = { rows: rows.length, rejected: rejects.length, reasons };
  // Decisions are about the labels of the rows that were there.
  await rm(join(out, REVIEWED_FILE), { force: true });
  await writeRejects(out, rejects);
  await writeManifest(out, rows);
  await writeDatasetRecord(out, {
    format: 1,
    name: imported.source,
    source: imported.source,
    licence: imported.licence,
    ...(imported.labelling === undefined ? {} : { labelling: imported.labelling }),
    options: imported.options,
    steps: [{ step: 'import', ...result, options: imported.options }],
  });
  return result;
}

/** Returns the error of an import without a usable row, with the number of rejects by reason. */
export function nothingLeft(source: string, reasons: Readonly<Record<string, number>>): DataError {
  const why = Object.entries(reasons)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
  return new DataError(
    `${source}: a data set needs images, but none could be used (${why || 'nothing found'}). Check the input.`,
  );
}
