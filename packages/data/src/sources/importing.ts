import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { DataError, OptionsError } from '@janus/core';
import type { Labelling, StepResult } from '../manifest/dataset-record.js';
import { countReasons, writeManifest, writeRejects, type Reject } from '../manifest/manifest.js';
import { writeDatasetRecord } from '../record/record-step.js';
import type { ManifestRow } from '../manifest/manifest-row.js';

/** What every importer needs to know of its surroundings. */
export interface ImportOptions {
  /** The data folder to be made. */
  readonly out: string;
  /** Replace a data set that is there already; default false. */
  readonly force?: boolean;
  /** Under what terms the images may be used; default: what the source is known for. */
  readonly licence?: string;
}

/**
 * Checks that a source is there and that the output folder may be made.
 *
 * @throws DataError when the source does not exist; OptionsError when the output holds something
 */
export async function checkImport(input: string, options: ImportOptions): Promise<void> {
  if (!existsSync(input)) {
    throw new DataError(`${input}: does not exist. Check the path.`, { path: input });
  }
  await checkOutput(options);
}

/** Checks the output folder alone, for sources that are not files. */
export async function checkOutput({ out, force = false }: ImportOptions): Promise<void> {
  if (!existsSync(out)) return;
  const entries = await readdir(out);
  if (entries.length === 0) return;
  if (!entries.includes('manifest.parquet')) {
    throw new OptionsError(
      `${out}: a data set needs an empty folder, but this one holds other files. Name another with --out.`,
    );
  }
  if (!force) {
    throw new OptionsError(
      `${out}: holds a data set already. Name another folder with --out, or replace it with --force.`,
    );
  }
}

/** What an import found. */
interface Imported {
  readonly rows: readonly ManifestRow[];
  readonly rejects: readonly Reject[];
  readonly source: string;
  readonly licence: string;
  /** How the labels came to be; absent where that is not known. */
  readonly labelling?: Labelling;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * Writes an imported data set: manifest, rejects, story.
 *
 * @throws DataError when no row is left
 */
export async function finishImport(out: string, imported: Imported): Promise<StepResult> {
  const { rows, rejects } = imported;
  const reasons = countReasons(rejects.map((reject) => reject.reason));
  if (rows.length === 0) throw nothingLeft(imported.source, reasons);
  await mkdir(out, { recursive: true });
  const result = { rows: rows.length, rejected: rejects.length, reasons };
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

/** Returns the error of an import that would be empty; it counts the reasons. */
export function nothingLeft(source: string, reasons: Readonly<Record<string, number>>): DataError {
  const why = Object.entries(reasons)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ');
  return new DataError(
    `${source}: a data set needs images, but none could be used (${why || 'nothing found'}). Check the input.`,
  );
}
