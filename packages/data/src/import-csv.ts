import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OptionsError } from '@janus/core';
import { checkImport, finishImport, newRow, type ImportOptions } from './importing.js';
import { FIXED_COLUMNS, type ManifestRow, type Reject, type StepResult } from './manifest.js';
import { readTable, type Cell } from './tables.js';

/** Options of {@link importCsv}. */
export interface ImportCsvOptions extends ImportOptions {
  /** Column with the picture's path; default: the first of image, path, file, filename that exists. A
   * column `url` holds where a picture is fetched from. */
  readonly imageColumn?: string;
  /** Column with ids; default: `id` where it exists, else the path. */
  readonly idColumn?: string;
  /** Column with the person; default: `identity` where it exists. */
  readonly identityColumn?: string;
  /** Folder that relative paths begin at; default: the table's own. */
  readonly root?: string;
  /** Unit of the columns x1, y1, x2, y2; required where they exist. */
  readonly boxUnit?: 'pixel' | 'fraction';
}

const IMAGE_COLUMNS = ['image', 'path', 'file', 'filename'];
const BOX = ['x1', 'y1', 'x2', 'y2'];

/**
 * Imports a table (`.csv`, `.jsonl`, `.parquet`) with a row a picture; every other column becomes a
 * label. Pictures stay where they are.
 *
 * @throws DataError when the file does not exist; OptionsError when a column is missing, or boxes have
 * no unit
 */
export async function importCsv(input: string, options: ImportCsvOptions): Promise<StepResult> {
  await checkImport(input, options);
  const table = await readTable(resolve(input), { allText: true });
  const columns = Object.keys(table[0] ?? {});
  const imageColumn = options.imageColumn ?? IMAGE_COLUMNS.find((name) => columns.includes(name));
  const addressed = columns.includes('url');
  for (const column of [
    imageColumn ?? (addressed ? undefined : [...IMAGE_COLUMNS, 'url'].join(' or ')),
    options.idColumn,
    options.identityColumn,
  ]) {
    if (column !== undefined && !columns.includes(column)) {
      throw new OptionsError(
        `${input}: needs a column ${column}, but has the columns ${columns.join(', ') || '(none: no rows)'}. Name the right one (--image-column, --id-column, --identity-column).`,
      );
    }
  }
  const boxed = BOX.every((name) => columns.includes(name));
  if (boxed && options.boxUnit === undefined) {
    throw new OptionsError(
      `${input}: has boxes (x1, y1, x2, y2), whose unit must be said. Add --box-unit pixel or --box-unit fraction.`,
    );
  }
  const idColumn = options.idColumn ?? (columns.includes('id') ? 'id' : (imageColumn ?? 'url'));
  const root = resolve(options.root ?? dirname(resolve(input)));
  const used = [imageColumn, options.idColumn, options.identityColumn ?? 'identity'];
  const labelColumns = columns.filter((name) => !used.includes(name) && !(name in FIXED_COLUMNS));
  const rows: ManifestRow[] = [];
  const rejects: Reject[] = [];
  const seen = new Set<string>();
  table.forEach((line, i) => {
    const file = String(line[imageColumn ?? ''] ?? '');
    const url = addressed ? String(line['url'] ?? '') : '';
    const id = String(line[idColumn] ?? '');
    const path = file === '' ? '' : resolve(root, file);
    const reason =
      file === '' && url === ''
        ? 'no picture named'
        : seen.has(id)
          ? 'id occurs before'
          : path === '' || existsSync(path)
            ? undefined
            : 'missing file';
    if (reason !== undefined) {
      rejects.push({ row: i + 2, path: file, reason });
      return;
    }
    seen.add(id);
    const labels = Object.fromEntries(
      labelColumns.map((name): [string, Cell] => [
        name,
        line[name] === '' ? null : (line[name] ?? null),
      ]),
    );
    const person = line[options.identityColumn ?? 'identity'];
    const identity =
      person === null || person === undefined || person === '' ? null : String(person);
    rows.push(newRow({ id, path, url: url === '' ? null : url, identity, labels }));
  });
  return await finishImport(options.out, {
    rows,
    rejects,
    source: `table ${input}`,
    licence: 'not stated',
    options: { imageColumn, boxUnit: options.boxUnit ?? null },
  });
}
