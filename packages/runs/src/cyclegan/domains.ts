import { existsSync } from 'node:fs';
import { DataError } from '@janus/core';
import {
  imagePathOf,
  keptRows,
  imageFiles,
  openDataset,
  parseFilter,
  type SplitName,
} from '@janus/data';
import { join } from 'node:path';

/** The images of one side of a translation. */
export interface Domain {
  /** As it was named on the command line. */
  readonly source: string;
  /** The filter's values, or the folder's name: what a person calls it. */
  readonly title: string;
  /** Hash of what it was read from. */
  readonly hash: string;
  readonly items: readonly { readonly id: string; readonly path: string }[];
  /** The data folder that they are of; absent for a plain folder. */
  readonly folder?: string;
}

/**
 * Returns the images that `<folder>` or `<data folder>:<column>=<value>` names.
 *
 * @param split part of the data set; a plain folder has none and gives all it holds
 * @throws DataError when there are none
 */
export async function openDomain(source: string, split: SplitName): Promise<Domain> {
  const at = source.indexOf(':');
  const folder = at < 0 ? source : source.slice(0, at);
  if (!existsSync(folder)) {
    throw new DataError(`${folder}: does not exist. Check --x and --y.`, { path: folder });
  }
  const domain =
    at < 0 && !existsSync(join(folder, 'manifest.parquet'))
      ? await plainFolder(folder)
      : await filtered(folder, at < 0 ? '' : source.slice(at + 1), split);
  if (domain.items.length === 0) {
    throw new DataError(
      `${source}: a domain needs images, but there are none in its ${split} part. Check the filter, or split the data set.`,
      { path: folder },
    );
  }
  return domain;
}

async function plainFolder(folder: string): Promise<Domain> {
  const { files } = await imageFiles(folder);
  return {
    source: folder,
    title: folder.replace(/\/+$/, '').split('/').at(-1) ?? folder,
    hash: `${folder}, ${files.length} images`,
    items: files.map(({ name, path }) => ({ id: name, path })),
  };
}

async function filtered(folder: string, text: string, split: SplitName): Promise<Domain> {
  const dataset = await openDataset(folder);
  const filter = text === '' ? {} : parseFilter(text);
  const hasSplits = dataset.rows.some((row) => row.split !== null);
  const rows = keptRows(dataset, { filter, ...(hasSplits ? { split } : {}) });
  return {
    source: `${folder}:${text}`,
    title: Object.values(filter).join(' ') || dataset.name,
    hash: dataset.hash,
    items: rows.map((row) => ({ id: row.id, path: imagePathOf(folder, row.path) })),
    folder,
  };
}
