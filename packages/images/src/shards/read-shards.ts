import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@janus/core';
import { readTar } from './tar.js';

/** The files of one sample: those with one key. */
export interface ShardSample {
  /** Name of the archive. */
  readonly shard: string;
  /** Path and name of the files up to the first dot of the name. */
  readonly key: string;
  /** Bytes by what follows that dot: `jpg`, `json`. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/** Returns key and ending of a file, as the webdataset library splits them. */
export function splitName(name: string): readonly [key: string, ending: string] {
  const clean = name.replace(/^\.\//, '');
  const slash = clean.lastIndexOf('/') + 1;
  const dot = clean.indexOf('.', slash);
  if (dot < 0) return [clean, ''];
  return [clean.slice(0, dot), clean.slice(dot + 1).toLowerCase()];
}

/**
 * Yields the samples of a folder's `*.tar` files, in the order of the files' names and of what is in them;
 * files with one key follow each other. One sample is in memory at a time.
 *
 * @throws DataError when there is no archive, or one is damaged
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
    const [own, ending] = splitName(name);
    if (ending === '') continue;
    if (key !== undefined && own !== key) {
      yield { shard, key, files };
      files = new Map();
    }
    key = own;
    files.set(ending, bytes);
  }
  if (key !== undefined) yield { shard, key, files };
}
