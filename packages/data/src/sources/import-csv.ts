import { readdir, stat } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DataError } from '@janus/core';
import { quoted } from '../manifest/database.js';
import { importTables } from './import-tables.js';
import { checkOutput, type ImportOptions } from './importing.js';
import { commonFolder, expandInput, inputName, type ImportInput } from './inputs.js';
import type { TableRoot } from './validate-rows.js';
import { LABELLINGS } from './labellings.js';
import { loadTables, tableFormatOf } from '../tables/load-tables.js';
import type { LoadedColumn } from '../tables/table-part.js';
import type { StepResult } from '../manifest/dataset-record.js';
import type { TextEncoding } from '../tables/plain-text.js';
import { planTable, splitWords, type TableColumns } from './map-columns.js';

/** Options of {@link importCsv}. */
export interface ImportCsvOptions extends ImportOptions, TableColumns {
  /** Folder that relative paths begin at; default: each table's own. */
  readonly root?: string;
  /** Condition on the table's columns, in SQL; a row that does not meet it is rejected. */
  readonly where?: string;
  /** Of CSV and JSONL; default: by the byte order mark, else UTF-8. */
  readonly encoding?: TextEncoding;
  /** Between cells; default: tab for `.tsv`, else which of `,` `;` tab `|` the header has most of. */
  readonly delimiter?: string;
}

/**
 * Imports tables with a row an image: `.csv`, `.tsv`, `.jsonl`, `.json`, `.parquet`, each also
 * gzipped; a file, a folder of such files, or a pattern. Images stay where they are; one that has
 * only an address gets its file when it is fetched. Columns of numbers become numbers.
 *
 * @throws DataError when a file does not exist or cannot be read; OptionsError when a column is
 * missing, or boxes have no unit
 */
export async function importCsv(
  input: ImportInput,
  options: ImportCsvOptions,
): Promise<StepResult> {
  const files = await tableFiles(input);
  await checkOutput(options);
  const name = inputName(input);
  let splitsOnly = false;
  return await importTables(options.out, {
    load: async (connection, work) => {
      const { encoding, delimiter } = options;
      const columns = await loadTables(connection, files, {
        work,
        ...(encoding === undefined ? {} : { encoding }),
        ...(delimiter === undefined ? {} : { delimiter }),
      });
      splitsOnly = await holdsSplits(connection, columns);
      return columns;
    },
    plan: (types) => {
      const { where, root } = options;
      const planned = planTable(types, { name, columns: options, splitsOnly, where });
      return root === undefined
        ? planned
        : { ...planned, options: { ...planned.options, root: resolve(root) } };
    },
    roots: rootsOf(files, options.root),
    story: {
      source: `table ${name}`,
      licence: options.licence ?? 'not stated',
      labelling: LABELLINGS.csv,
    },
  });
}

/** Returns the tables that an input means; of a folder those that lie in it, sorted. */
export async function tableFiles(input: ImportInput): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of await expandInput(input)) {
    if (!(await stat(path)).isDirectory()) {
      files.push(resolve(path));
      continue;
    }
    const names = (await readdir(path)).filter((name) => tableFormatOf(name) !== undefined).sort();
    if (names.length === 0) {
      throw new DataError(
        `${path}: the folder has no table (.csv, .tsv, .jsonl, .json, .parquet, each also .gz). Name the file; for a folder of images the source is \`folder\`.`,
        { path },
      );
    }
    files.push(...names.map((name) => resolve(path, name)));
  }
  return files;
}

/**
 * Returns where the paths in each table begin. Where that differs between tables, ids begin with the
 * way there, so that two images of one name stay two.
 */
export function rootsOf(files: readonly string[], root?: string): readonly TableRoot[] {
  const roots = files.map((file) => (root === undefined ? dirname(file) : resolve(root)));
  const common = commonFolder(roots);
  return files.map((file, i) => {
    const way = relative(common, roots[i] ?? common);
    return { file, root: roots[i] ?? common, prefix: way === '' ? '' : `${way}/` };
  });
}

/** Returns whether the column `split` holds words for the parts of a data set, and nothing else. */
async function holdsSplits(
  connection: DuckDBConnection,
  columns: readonly LoadedColumn[],
): Promise<boolean> {
  const column = columns.find(({ name }) => name.toLowerCase() === 'split');
  if (column === undefined) return false;
  const found = await connection.runAndReadAll(
    `SELECT bool_and(lower(trim(CAST(${quoted(column.name)} AS VARCHAR))) IN (${splitWords()})) FROM source`,
  );
  return found.getRows()[0]?.[0] === true;
}
