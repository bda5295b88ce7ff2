import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { DataError } from '@janus/core';
import { checkImport, finishImport, newRow, type ImportOptions } from './importing.js';
import { LABELLINGS } from './labellings.js';
import type { ManifestRow, Reject, StepResult } from '../manifest/manifest.js';
import { readTable, type TableRow } from '../manifest/tables.js';

/** A row of either layout, all texts. */
interface Entry {
  readonly file: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly split: ManifestRow['split'];
}

/**
 * Imports FairFace: `fairface_label_{train,val}.csv` with `file, age, gender, race, service_test`, or a
 * subset's `ground_truth.json` with `id, filename, age, gender`, at the folder's top or one below.
 *
 * @throws DataError when neither layout is there
 */
export async function importFairface(input: string, options: ImportOptions): Promise<StepResult> {
  await checkImport(input, options);
  const { root, entries } = await readEntries(resolve(input));
  const rows: ManifestRow[] = [];
  const rejects: Reject[] = [];
  entries.forEach(({ file, labels, split }, i) => {
    const path = join(root, file);
    if (file === '' || !existsSync(path)) {
      rejects.push({ row: i + 1, path: file, reason: 'missing file' });
    } else {
      rows.push(newRow({ id: file, path, labels, split }));
    }
  });
  return await finishImport(options.out, {
    rows,
    rejects,
    source: 'FairFace (Karkkainen and Joo 2021)',
    licence: 'CC BY 4.0',
    labelling: LABELLINGS.fairface,
    options: {},
  });
}

async function readEntries(input: string): Promise<{ root: string; entries: Entry[] }> {
  const folders = [input];
  for (const each of await readdir(input, { withFileTypes: true })) {
    if (each.isDirectory()) folders.push(join(input, each.name));
  }
  const truth = folders
    .map((each) => join(each, 'ground_truth.json'))
    .find((each) => existsSync(each));
  if (truth !== undefined) {
    const list = JSON.parse(await readFile(truth, 'utf8')) as Record<string, string>[];
    const entries = list.map(({ filename = '', age = '', gender = '' }) => ({
      file: filename,
      labels: { age, gender: gender.toLowerCase() },
      split: null,
    }));
    return { root: dirname(truth), entries };
  }
  const entries: Entry[] = [];
  for (const [name, split] of [
    ['fairface_label_train.csv', 'train'],
    ['fairface_label_val.csv', 'test'],
  ] as const) {
    const path = join(input, name);
    if (!existsSync(path)) continue;
    for (const line of await readTable(path, { allText: true })) entries.push(entryOf(line, split));
  }
  if (entries.length === 0) {
    throw new DataError(
      `${input}: FairFace has ground_truth.json or fairface_label_train.csv, but neither is here. Name the folder that holds it.`,
      { path: input },
    );
  }
  return { root: input, entries };
}

function entryOf(line: TableRow, split: ManifestRow['split']): Entry {
  const text = (name: string): string => String(line[name] ?? '');
  return {
    file: text('file'),
    labels: { age: text('age'), gender: text('gender').toLowerCase(), race: text('race') },
    split,
  };
}
