/** Several data folders as one. */
import { basename, resolve } from 'node:path';
import { OptionsError } from '@janus/core';
import type { DatasetRecord, Labelling, StepResult } from '../manifest/dataset-record.js';
import { openDataset, type Dataset } from '../manifest/dataset.js';
import { imagePathOf } from '../manifest/manifest.js';
import type { ManifestRow } from '../manifest/manifest-row.js';
import { checkOutput, finishImport, type ImportOptions } from '../sources/importing.js';

/** The label column that says which data set an image is of. */
const SOURCE_COLUMN = 'dataset';

/** Options of {@link mergeDatasets}. */
export interface MergeOptions extends ImportOptions {
  /**
   * Label columns to keep; default those that all of the data sets have. A column that one of them lacks is empty there.
   */
  readonly labels?: readonly string[];
}

/**
 * Makes a data folder of the kept images of several: each image stays where it is, keeps its split and hashes, and gets
 * its data set's name as the label `dataset` and before its id and identity. Values of a label are taken as they are:
 * give equal things equal names before. Boxes are left out, since their units differ: crop before merging.
 *
 * @param folders data folders, at least two of different names
 * @throws OptionsError when there are fewer than two, two have the same name, a label column is in none of them,
 * or only some are split; DataError when one cannot be read
 */
export async function mergeDatasets(
  folders: readonly string[],
  options: MergeOptions,
): Promise<StepResult> {
  await checkOutput(options);
  const names = folders.map((folder) => basename(resolve(folder)));
  if (folders.length < 2 || new Set(names).size < names.length) {
    throw new OptionsError(
      `merge: needs two or more data folders of different names, but got ${names.join(', ') || 'none'}. Rename one: the name tells the images apart.`,
    );
  }
  const datasets = await Promise.all(folders.map(openDataset));
  checkSplits(datasets);
  const labels = labelsOf(datasets, options.labels);
  const rows = datasets.flatMap((dataset) =>
    dataset.rows
      .filter(({ status }) => status === 'kept')
      .map((row) => mergedRow(row, dataset, labels)),
  );
  const records = datasets.map(({ record }) => record);
  return await finishImport(options.out, {
    ...{ rows, rejects: [], labelling: labellingOf(records) },
    source: records.map(({ source }) => source).join(' + '),
    licence: options.licence ?? [...new Set(records.map(({ licence }) => licence))].join('; '),
    options: { merged: folders.map((folder) => resolve(folder)), labels },
  });
}

function mergedRow(
  row: ManifestRow,
  { folder, name }: Dataset,
  labels: readonly string[],
): ManifestRow {
  const { id, path, identity } = row;
  return {
    ...row,
    id: `${name}/${id}`,
    path: path === '' ? '' : resolve(imagePathOf(folder, path)),
    identity: identity === null ? null : `${name}/${identity}`,
    ...{ x1: null, y1: null, x2: null, y2: null },
    labels: {
      ...Object.fromEntries(labels.map((label) => [label, row.labels[label] ?? null])),
      [SOURCE_COLUMN]: name,
    },
  };
}

function labelsOf(
  datasets: readonly Dataset[],
  asked: readonly string[] | undefined,
): readonly string[] {
  const all = [...new Set(datasets.flatMap(({ labels }) => labels))];
  const common = all.filter((label) => datasets.every(({ labels }) => labels.includes(label)));
  const chosen = (asked ?? common).filter((label) => label !== SOURCE_COLUMN);
  const unknown = chosen.find((label) => !all.includes(label));
  if (unknown !== undefined || chosen.length === 0) {
    throw new OptionsError(
      `merge: labels must be among ${all.join(', ')}, but got ${unknown ?? 'none'}${asked === undefined ? ', since no column is in all of them' : ''}. Name some with --labels.`,
    );
  }
  return chosen;
}

/** Checks that all of the data sets are split, or none: of some, the other images would be in no part. */
function checkSplits(datasets: readonly Dataset[]): void {
  const isSplit = datasets.map(({ rows }) => rows.some(({ split }) => split !== null));
  const without = datasets.find((_, i) => isSplit[i] === false);
  if (without === undefined || !isSplit.includes(true)) return;
  throw new OptionsError(
    `merge: all data folders must be split, or none, but ${without.folder} is not. Run \`npx janus data split ${without.folder}\`.`,
  );
}

/** Returns where the merged labels come from: the same, or what can be said of all. */
function labellingOf(records: readonly DatasetRecord[]): Labelling {
  const found = records.map(
    ({ labelling }): Labelling =>
      labelling ?? { kind: 'unknown', how: 'The record does not say where the labels are from.' },
  );
  const kinds = new Set(found.map(({ kind }) => kind));
  const [only = 'unknown'] = kinds;
  // Labels of people count as perceived when those of some of them are.
  const kind = kinds.size === 1 ? only : kinds.has('perceived') ? 'perceived' : 'unknown';
  const how = found.map((each, i) => `${records[i]?.name ?? ''}: ${each.how}`).join(' ');
  return { kind, how };
}
