/** Rows of a sweep from a file: a module that exports `rows`, or JSON. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataError, OptionsError } from '@janus/core';
import { CLASSIFIER_PAPER } from '../classifier/options.js';
import type { SweepRow } from './sweep-row.js';

const MODULES = ['.mjs', '.js', '.ts', '.mts'] as const;

/** Options that a row may set beside those of the preset. */
const MORE_OPTIONS = ['fold', 'from', 'augment', 'augmentCopies'] as const;

/**
 * Returns the rows in a file: of a `.json` file, its array; of a `.mjs`, `.js`, `.ts` or `.mts` module, what it exports
 * as `rows`. A TypeScript module needs a process that was started with `--import tsx`, as `janus` is.
 *
 * @throws DataError when the file does not exist, cannot be loaded, or holds no rows; OptionsError when a row is not
 * what {@link SweepRow} says
 */
export async function readSweepRows(path: string): Promise<readonly SweepRow[]> {
  if (!existsSync(path)) {
    throw new DataError(
      `${path}: a sweep is table1, table2 or a file of rows, but there is no such file. Check the path.`,
      { path },
    );
  }
  const rows = await loadRows(path);
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new DataError(
      `${path}: must hold an array of rows, but does not. Export it as \`rows\`, or make the JSON an array.`,
      { path },
    );
  }
  return rows.map((row: unknown, i) => checkedRow(row, `${path}: row ${i + 1}`));
}

async function loadRows(path: string): Promise<unknown> {
  const ending = extname(path);
  try {
    if (ending === '.json') return JSON.parse(await readFile(path, 'utf8')) as unknown;
    if (MODULES.some((each) => each === ending)) {
      const module = (await import(pathToFileURL(resolve(path)).href)) as { rows?: unknown };
      return module.rows;
    }
  } catch (error) {
    throw new DataError(
      `${path}: must be a readable sweep, but could not be loaded (${(error as Error).message.split('\n')[0] ?? ''}). Fix the file; a .ts file needs a process started with --import tsx.`,
      { path, cause: error },
    );
  }
  throw new DataError(
    `${path}: a sweep must be one of .json, ${MODULES.join(', ')}, but ends in ${ending || 'nothing'}. Rename it.`,
    { path },
  );
}

/** Returns a row after checking it; `where` begins the error. */
function checkedRow(row: unknown, where: string): SweepRow {
  const fail = (rule: string, got: unknown, wayOut: string): never => {
    throw new OptionsError(
      `${where}: ${rule}, but got ${got === undefined ? 'nothing' : JSON.stringify(got)}. ${wayOut}`,
    );
  };
  const { kind, target, paper, images, batches, options } = { ...(row as Partial<SweepRow>) };
  if (kind !== 'classifier') fail('kind must be classifier', kind, 'Write kind: "classifier".');
  if (typeof target !== 'string') {
    fail('target must be a label column', target, 'Name the column that the row learns.');
  }
  if (paper !== undefined && !(paper >= 0 && paper <= 1)) {
    fail('paper must be an accuracy from 0 to 1', paper, 'Leave it out where there is none.');
  }
  for (const [name, count] of Object.entries({ images, batches })) {
    if (count !== undefined && !(Number.isInteger(count) && count >= 1)) {
      fail(`${name} must be a whole number of at least 1`, count, 'Leave it out for no limit.');
    }
  }
  if (typeof options !== 'object') {
    fail('options must be an object', options, 'Write {} for the settings of the paper.');
  }
  const known = [...Object.keys(CLASSIFIER_PAPER), ...MORE_OPTIONS];
  const unknown = Object.keys(options ?? {}).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    fail(`options must be among ${known.join(', ')}`, unknown, 'Correct its name.');
  }
  return row as SweepRow;
}
