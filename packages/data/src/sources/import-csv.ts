import { readdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { DataError, relativeName } from '@janus/core';
import { quoted } from '../manifest/database.js';
import { importTables } from './import-tables.js';
import { checkOutput, type ImportOptions } from './importing.js';
import { commonFolder, expandInput, inputName, type ImportInput } from './inputs.js';
import type { TableRoot } from './validate-rows.js';
import type { WindowsPaths } from './locate-images.js';
import { LABELLINGS } from './labellings.js';
import { loadTables, tableFormatOf } from '../tables/load-tables.js';
import { MISSING_VALUES } from '../tables/missing-values.js';
import type { Counts } from '../manifest/manifest-question.js';
import type { TypedTable } from '../tables/guess-types.js';
import type { StepResult } from '../manifest/dataset-record.js';
import type { TextEncoding } from '../tables/plain-text.js';
import { mapColumns, type TableColumns } from './map-columns.js';
import { isSplitWordSql } from './split-words.js';

/** Options of {@link importCsv}. */
export interface ImportCsvOptions extends ImportOptions, TableColumns {
  /** Folder that relative paths begin at; default: the folder of each table. */
  readonly root?: string;
  /** Condition on the table's columns, in SQL; rows that do not meet it are rejected. Default: none. */
  readonly where?: string;
  /** Encoding of CSV and JSON Lines; default: by the byte order mark, else UTF-8. */
  readonly encoding?: TextEncoding;
  /**
   * One character between cells; default: a tab for `.tsv`, else the most frequent of `,` `;` tab `|` in
   * the header.
   */
  readonly delimiter?: string;
  /**
   * Words that stand for a missing value, as written; an empty cell always does. Default {@link MISSING_VALUES}, those of
   * pandas: tables that pandas wrote have them.
   */
  readonly missingValues?: readonly string[];
}

/** What {@link importCsv} did, and what it took for something else than what is written. */
export interface ImportCsvResult extends StepResult {
  /**
   * Cells that hold nothing, by column, then by what stands there (the empty text: an empty cell); only columns with a
   * word of `missingValues`.
   */
  readonly missing: Readonly<Record<string, Counts>>;
  /** Columns without a value: they are not labels, unless `labelColumns` names them. */
  readonly emptyColumns: readonly string[];
  /** Columns whose numbers have a decimal comma. */
  readonly decimalCommas: readonly string[];
  /** Paths written on Windows that were found with slashes; null where there are none. */
  readonly windowsPaths: WindowsPaths | null;
  /** Files that were read as plain lists. */
  readonly lists: readonly string[];
}

/**
 * Imports tables with one row per image: `.csv`, `.tsv`, `.jsonl`, `.json`, `.parquet`, each also gzipped.
 * A text with nothing but one address or path of an image a line is read as a plain list (see `loadList`).
 * Images stay where they are; an image that is only an address so far is downloaded by `fetchDataset`. Columns
 * in which every value is a number become numbers.
 *
 * @param input a file, a folder of such files, a pattern, or several of these
 * @throws DataError when a file does not exist, cannot be read, or holds no usable row; OptionsError when a
 * column is missing, boxes have no unit, or `out` holds something already
 */
export async function importCsv(
  input: ImportInput,
  options: ImportCsvOptions,
): Promise<ImportCsvResult> {
  const files = await tableFiles(input);
  await checkOutput(options);
  const name = inputName(input);
  const missingValues = options.missingValues ?? MISSING_VALUES;
  const done = await importTables(options.out, {
    missingValues,
    load: async (connection, work) => {
      const { encoding, delimiter } = options;
      return await loadTables(connection, files, {
        work,
        lists: true,
        ...(encoding === undefined ? {} : { encoding }),
        ...(delimiter === undefined ? {} : { delimiter }),
      });
    },
    map: async (connection, { typed }) => {
      const { where, root } = options;
      const splitsOnly = await holdsSplits(connection, typed);
      const { empty } = typed.missing;
      const context = { name, columns: options, splitsOnly, empty, where };
      const { map, options: recorded } = mapColumns(typed.columns, context);
      const more = root === undefined ? {} : { root: resolve(root) };
      return { map, options: { ...recorded, ...more, missingValues } };
    },
    roots: rootsOf(files, options.root),
    history: {
      source: `table ${name}`,
      licence: options.licence ?? 'not stated',
      labelling: LABELLINGS.csv,
    },
  });
  const { result, missing, decimalCommas, windows, lists } = done;
  return {
    ...result,
    missing: missing.counts,
    emptyColumns: [...missing.empty].filter(
      (column) => options.labelColumns?.includes(column) !== true,
    ),
    decimalCommas,
    windowsPaths: windows,
    lists,
  };
}

/** Returns the tables that an input names; of a folder the tables in it, sorted. */
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
 * Returns where the paths in each table begin. Where that differs between tables, ids get the folder as a prefix,
 * so that two images of one name keep two ids.
 */
export function rootsOf(files: readonly string[], root?: string): readonly TableRoot[] {
  const roots = files.map((file) => (root === undefined ? dirname(file) : resolve(root)));
  const common = commonFolder(roots);
  return files.map((file, i) => {
    const way = relativeName(common, roots[i] ?? common);
    return { file, root: roots[i] ?? common, prefix: way === '' ? '' : `${way}/` };
  });
}

/** Returns whether the column `split` holds words for splits, and nothing else. */
async function holdsSplits(connection: DuckDBConnection, typed: TypedTable): Promise<boolean> {
  const column = [...typed.columns.keys()].find((name) => name.toLowerCase() === 'split');
  if (column === undefined) return false;
  const found = await connection.runAndReadAll(
    `SELECT bool_and(${isSplitWordSql(quoted(column))}) FROM ${typed.table}`,
  );
  return found.getRows()[0]?.[0] === true;
}
