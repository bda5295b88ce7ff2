import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@janus/core';
import { readTar } from './tar.js';

/** One sample of a data set in the webdataset format: consecutive files with the same key. */
export interface ShardSample {
  /** File name of the archive. */
  readonly shard: string;
  /** Path of the files up to the first dot of their name. */
  readonly key: string;
  /** Contents by lower-case extension: `jpg`, `json`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Splits the path of a file into key and extension, as the webdataset library does. */
export function splitName(name: string): readonly [key: string, extension: string] {
  const clean = name.replace(/^\.\//, '');
  const slash = clean.lastIndexOf('/') + 1;
  const dot = clean.indexOf('.', slash);
  if (dot < 0) return [clean, ''];
  return [clean.slice(0, dot), clean.slice(dot + 1).toLowerCase()];
}

/**
 * Yields the samples in a folder's `*.tar` files, sorted by file name, then in the order of the archive. One
 * sample is in memory at a time.
 *
 * @throws DataError when the folder has no archive, or one is damaged
 */
export async function* readShards(folder: string): AsyncGenerator<ShardSample, void, void> {
  const names = (await readdir(folder).catch((): string[] => []))
    .filter((name) => name.endsWith('.tar'))
    .sort();
  if (names.length === 0) {
    throw new DataError(`${folder}: must hold .tar files, but holds none. Name another folder.`, {
      path: folder,
    });
  }
  for (const shard of names) yield* samplesOf(folder, shard);
}

async function* samplesOf(folder: string, shard: string): AsyncGenerator<ShardSample, void, void> {
  let key: string | undefined;
  let files = new Map<string, Uint8Array>();
  for await (const { name, bytes } of readTar(join(folder, shard))) {
    const [own, extension] = splitName(name);
    if (extension === '') continue;
    if (key !== undefined && own !== key) {
      yield { shard, key, files };
      files = new Map();
    }
    key = own;
    files.set(extension, bytes);
  }
  if (key !== undefined) yield { shard, key, files };
}
