/** Rows of a sweep from a file: a module that exports `rows`, or JSON. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DataError, OptionsError } from '@janus/core';
import { CLASSIFIER_PAPER } from '../classifier/options.js';
import { CYCLEGAN_RUN_PAPER } from '../cyclegan/options.js';
import { areClassifiers, areTranslations, type SweepRow } from './sweep-row.js';

const MODULES = ['.mjs', '.js', '.ts', '.mts'] as const;

/** Options that a row may set beside those of the preset. */
const MORE_OPTIONS = ['fold', 'folds', 'from', 'augment', 'augmentCopies'] as const;

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
      `${path}: a sweep is table1, table2, table3 or a file of rows, but there is no such file. Check the path.`,
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
  const checked = rows.map((row: unknown, i) => checkedRow(row, `${path}: row ${i + 1}`));
  if (areClassifiers(checked) || areTranslations(checked)) return checked;
  throw new OptionsError(
    `${path}: rows must be of one kind, but some are classifiers and some CycleGANs. Make a file of each.`,
  );
}

/** What a table exports. */
interface Rows {
  readonly rows?: unknown;
}

async function loadRows(path: string): Promise<unknown> {
  const ending = extname(path);
  try {
    if (ending === '.json') return JSON.parse(await readFile(path, 'utf8')) as unknown;
    if (MODULES.some((each) => each === ending)) {
      const module = (await import(pathToFileURL(resolve(path)).href)) as Rows & { default?: Rows };
      // What a CommonJS file exports is its default, and more only where Node finds it in the text.
      return module.rows ?? module.default?.rows;
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

/** What a row of a kind may set as options beside those of its preset. */
const KNOWN_OPTIONS: Readonly<Record<SweepRow['kind'], readonly string[]>> = {
  classifier: [...Object.keys(CLASSIFIER_PAPER), ...MORE_OPTIONS],
  cyclegan: [
    ...Object.keys(CYCLEGAN_RUN_PAPER),
    ...['augment', 'lambdaCycleX', 'lambdaCycleY', 'lambdaChangeEnd'],
  ],
};

type Fail = (rule: string, got: unknown, wayOut: string) => never;

/** Returns a row after checking it; `where` begins the error. */
function checkedRow(row: unknown, where: string): SweepRow {
  const fail: Fail = (rule, got, wayOut) => {
    throw new OptionsError(
      `${where}: ${rule}, but got ${got === undefined ? 'nothing' : JSON.stringify(got)}. ${wayOut}`,
    );
  };
  const given = { ...(row as Readonly<Record<string, unknown>>) };
  const { kind, options } = given;
  if (kind !== 'classifier' && kind !== 'cyclegan') {
    return fail('kind must be classifier or cyclegan', kind, 'Write kind: "classifier".');
  }
  if (kind === 'classifier') checkClassifier(given, fail);
  else checkTranslation(given, fail);
  if (typeof options !== 'object' || options === null) {
    return fail('options must be an object', options, 'Write {} for the settings of the paper.');
  }
  const unknown = Object.keys(options).find((name) => !KNOWN_OPTIONS[kind].includes(name));
  if (unknown !== undefined) {
    fail(`options must be among ${KNOWN_OPTIONS[kind].join(', ')}`, unknown, 'Correct its name.');
  }
  return row as SweepRow;
}

/** Whether a value is absent, or a whole number of at least 1. */
const isCount = (value: unknown): boolean =>
  value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= 1);

function checkClassifier(row: Readonly<Record<string, unknown>>, fail: Fail): void {
  const { target, paper, images, batches } = row;
  if (typeof target !== 'string') {
    fail('target must be a label column', target, 'Name the column that the row learns.');
  }
  if (paper !== undefined && !(typeof paper === 'number' && paper >= 0 && paper <= 1)) {
    fail('paper must be an accuracy from 0 to 1', paper, 'Leave it out where there is none.');
  }
  for (const [name, count] of Object.entries({ images, batches })) {
    if (isCount(count)) continue;
    fail(`${name} must be a whole number of at least 1`, count, 'Leave it out for no limit.');
  }
}

function checkTranslation(row: Readonly<Record<string, unknown>>, fail: Fail): void {
  const { name, paper, images, epochs } = row;
  if (typeof name !== 'string') fail('name must be text', name, 'Say what sets the row apart.');
  if (paper !== undefined && typeof paper !== 'string') {
    fail('paper must be text', paper, 'Leave it out where there is none.');
  }
  if (!isCount(images)) {
    fail('images must be a whole number of at least 1', images, 'Leave it out for all.');
  }
  if (epochs === undefined || !isCount(epochs)) {
    fail('epochs must be a whole number of at least 1', epochs, 'The paper of CycleGAN has 200.');
  }
}
