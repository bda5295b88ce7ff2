import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError } from '@janus/core';
import { type ManifestRow, newRow } from '../manifest/manifest-row.js';
import type { Reject } from '../manifest/manifest.js';
import type { StepResult } from '../manifest/dataset-record.js';
import type { Cell } from '../manifest/cell.js';
import { checkImport, finishImport, type ImportOptions } from './importing.js';
import { LABELLINGS } from './labellings.js';
import { namedColumns, requireColumns } from './named-columns.js';
import { readRows, type TextRow } from '../tables/read-rows.js';

/** Meanings of FairFace's columns. */
type FairfaceColumn = 'file' | 'age' | 'gender' | 'race';

/** The names in the published tables; a subset's `ground_truth.json` has `filename` for `file`. */
const USUAL: Readonly<Record<FairfaceColumn, string>> = {
  file: 'file',
  age: 'age',
  gender: 'gender',
  race: 'race',
};

/** Options of {@link importFairface}. */
export interface ImportFairfaceOptions extends ImportOptions {
  /** Names of columns that differ from the published `file`, `age`, `gender`, `race`. */
  readonly columns?: Readonly<Partial<Record<FairfaceColumn, string>>>;
  /**
   * Folder that the paths in the tables begin at; default: the table's folder, or the folders of the
   * archives in it.
   */
  readonly root?: string;
}

const TABLES = ['fairface_label_train.csv', 'fairface_label_val.csv'];
const SUBSET = 'ground_truth.json';

/** Folders of the two archives of images; the first has a smaller margin around the face. */
const ARCHIVES = ['fairface-img-margin025-trainval', 'fairface-img-margin125-trainval'];

/**
 * Imports FairFace (Karkkainen and Joo 2021): `fairface_label_{train,val}.csv` with `file, age, gender, race`, or a
 * subset's `ground_truth.json` with `filename, age, gender`. Rows of `val` become the split `test`, as the paper uses
 * them.
 *
 * @param input the folder of the tables, the folder above it, or one table, which may be gzipped
 * @throws DataError when there are neither tables nor images; OptionsError when a column is missing, or `out` holds
 * something already
 */
export async function importFairface(
  input: string,
  options: ImportFairfaceOptions,
): Promise<StepResult> {
  await checkImport(input, options);
  const names = namedColumns(USUAL, options.columns);
  const rows: ManifestRow[] = [];
  const rejects: Reject[] = [];
  const seen = new Set<string>();
  for (const table of await tablesOf(input)) {
    const found = await readRows([table]);
    rejects.push(...found.rejects);
    const file = options.columns?.file ?? (isSubset(table) ? 'filename' : names.file);
    requireColumns(table, { needed: [file, names.age, names.gender], columns: found.columns });
    const roots = rootsOf(table, options.root);
    for (const row of found.rows) {
      const image = row.value(file);
      const path = roots.map((root) => join(root, image)).find((each) => existsSync(each));
      const reason =
        image === ''
          ? 'no image named'
          : path === undefined
            ? 'missing file'
            : seen.has(image)
              ? 'image occurs before'
              : undefined;
      if (reason !== undefined || path === undefined) {
        rejects.push({ row: row.line, path: image, reason: reason ?? '', source: row.file });
        continue;
      }
      seen.add(image);
      const labels = labelsOf(row, names, found.columns.includes(names.race));
      rows.push(newRow({ id: image, path, labels, split: splitOf(table) }));
    }
  }
  return await finishImport(options.out, {
    rows,
    rejects,
    source: 'FairFace (Karkkainen and Joo 2021)',
    licence: options.licence ?? 'CC BY 4.0',
    labelling: LABELLINGS.fairface,
    options: { columns: names },
  });
}

function isSubset(table: string): boolean {
  return /\.json(\.gz)?$/.test(table);
}

function splitOf(table: string): ManifestRow['split'] {
  if (isSubset(table)) return null;
  return /val/i.test(basename(table)) ? 'test' : /train/i.test(basename(table)) ? 'train' : null;
}

/** Returns the tables in a folder, or in one below it, or the table itself. */
async function tablesOf(input: string): Promise<readonly string[]> {
  if ((await stat(input)).isFile()) return [resolve(input)];
  const folders = [resolve(input)];
  for (const each of await readdir(input, { withFileTypes: true })) {
    if (each.isDirectory()) folders.push(resolve(input, each.name));
  }
  for (const folder of folders) {
    const lists = [[SUBSET], TABLES].map((names) =>
      names.flatMap((name) => {
        const path = [name, `${name}.gz`].map((each) => join(folder, each)).find(existsSync);
        return path === undefined ? [] : [path];
      }),
    );
    const found = lists.find((list) => list.length > 0);
    if (found !== undefined) return found;
  }
  throw new DataError(
    `${input}: FairFace has ${SUBSET} or ${TABLES[0] ?? ''}, but neither is here. Name the folder that holds it.`,
    { path: input },
  );
}

function rootsOf(table: string, root: string | undefined): readonly string[] {
  if (root !== undefined) return [resolve(root)];
  const own = dirname(table);
  return [own, ...ARCHIVES.map((name) => join(own, name)).filter((each) => existsSync(each))];
}

function labelsOf(
  row: TextRow,
  { age, gender, race }: Readonly<Record<FairfaceColumn, string>>,
  hasRace: boolean,
): Readonly<Record<string, Cell>> {
  const text = (column: string): string | null => row.value(column) || null;
  return {
    age: text(age),
    gender: text(gender)?.toLowerCase() ?? null,
    ...(hasRace ? { race: text(race) } : {}),
  };
}
