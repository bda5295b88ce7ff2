import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commitRename, DataError, writeJson, type ProgressListener } from '@janus/core';
import { createTar, sniffImage, type TarFile, type TarWriter } from '@janus/images';
import { lockFolder } from '../manifest/folder-lock.js';
import { imagePathOf } from '../manifest/manifest.js';
import type { ManifestRow } from '../manifest/manifest-row.js';
import { manifestChunks } from '../manifest/manifest-stream.js';

/** Options of {@link writeShards}. */
export interface ShardOptions {
  /** Where the archives go; default: `shards` in the data folder. */
  readonly out?: string;
  /** Images per archive; default 10,000, as in img2dataset. */
  readonly shardSize?: number;
  /** Writes them again even when they are up to date; default false. */
  readonly force?: boolean;
  readonly report?: ProgressListener;
  /** Stops after the current archive; the next call resumes there. */
  readonly signal?: AbortSignal;
}

/** The result of {@link writeShards}. */
export interface ShardResult {
  /** Where the archives are. */
  readonly folder: string;
  /** Images in all archives. */
  readonly rows: number;
  readonly shards: number;
  /** Archives written by this call. */
  readonly written: number;
  /** False when it was interrupted; the next call resumes. */
  readonly finished: boolean;
}

/** The content of `index.json` beside the archives. */
interface ShardIndex {
  readonly format: 'webdataset';
  /** sha256 over all rows in the archives. */
  readonly rowsHash: string;
  readonly shardSize: number;
  readonly shards: readonly { readonly name: string; readonly rows: number }[];
}

const KEPT = { where: "status = 'kept'" };

/** Least digits of a shard's number and of a sample's key. */
const SHARD_DIGITS = 6;
const KEY_DIGITS = 9;

const shardName = (number: number): string =>
  `shard-${String(number).padStart(SHARD_DIGITS, '0')}.tar`;

/**
 * Writes the kept images of a data folder, with unchanged bytes, and their manifest rows to archives
 * `shard-000000.tar`, `shard-000001.tar`, ... in the webdataset format: `<key>.jpg` (or another extension)
 * and `<key>.json` per image. The same manifest gives the same bytes. An interrupted call is resumed after
 * its last complete archive; memory does not depend on the number of images.
 *
 * @throws DataError when an image cannot be read, is not an image, or differs from the manifest, or when no
 * row is kept
 */
export async function writeShards(
  folder: string,
  options: ShardOptions = {},
): Promise<ShardResult> {
  const { out = join(folder, 'shards'), shardSize = 10_000, force = false } = options;
  const { count, rowsHash } = await contentOf(folder);
  const shards = Array.from({ length: Math.ceil(count / shardSize) }, (_, i) => ({
    name: shardName(i),
    rows: Math.min(shardSize, count - i * shardSize),
  }));
  const index: ShardIndex = { format: 'webdataset', rowsHash, shardSize, shards };
  const result = { folder: out, rows: count, shards: shards.length, finished: true };
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder, 'pack');
  try {
    if (!force && (await isSame(out, index))) return { ...result, written: 0 };
    checkOutput(out);
    const partial = `${out}.${rowsHash.slice(0, 8)}-${shardSize}.partial`;
    if (force) await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    const written = await writeMissing(folder, partial, { ...options, shardSize, count });
    if (options.signal?.aborted === true) return { ...result, written, finished: false };
    await writeJson(join(partial, 'index.json'), index);
    await rm(out, { recursive: true, force: true });
    await commitRename(partial, out);
    return { ...result, written };
  } finally {
    unlock();
  }
}

/** Only a folder of shards may be replaced: anything else is the user's own. */
function checkOutput(out: string): void {
  if (!existsSync(out) || existsSync(join(out, 'index.json'))) return;
  throw new DataError(
    `${out}: must be free, or hold shards written before, but holds something else. Choose another folder with --out.`,
    { path: out },
  );
}

async function isSame(out: string, index: ShardIndex): Promise<boolean> {
  try {
    const found = JSON.parse(await readFile(join(out, 'index.json'), 'utf8')) as ShardIndex;
    return (
      JSON.stringify(found) === JSON.stringify(index) &&
      index.shards.every(({ name }) => existsSync(join(out, name)))
    );
  } catch {
    return false;
  }
}

/** The JSON of a sample: the row of the manifest without the columns that concern this folder alone. */
function descriptionOf(row: ManifestRow, sha256: string): Readonly<Record<string, unknown>> {
  const { id, path, url, width, height, identity, split, labels } = row;
  return { id, path, url, sha256, width, height, identity, split, labels };
}

async function contentOf(folder: string): Promise<{ count: number; rowsHash: string }> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const rows of manifestChunks(folder, KEPT)) {
    for (const row of rows) {
      hash.update(`${JSON.stringify(descriptionOf(row, row.sha256 ?? ''))}\n`);
    }
    count += rows.length;
  }
  if (count > 0) return { count, rowsHash: hash.digest('hex') };
  throw new DataError(
    `${folder}: shards need images, but no row is kept. Run \`janus data stats ${folder}\` to see why.`,
    { path: folder },
  );
}

async function writeMissing(
  folder: string,
  partial: string,
  options: ShardOptions & { readonly shardSize: number; readonly count: number },
): Promise<number> {
  const { shardSize, count, report, signal } = options;
  let place = 0;
  let written = 0;
  let shard: TarWriter | undefined;
  try {
    for await (const rows of manifestChunks(folder, KEPT)) {
      for (const row of rows) {
        const number = Math.floor(place / shardSize);
        if (place % shardSize === 0) {
          if (shard !== undefined) await shard.close();
          shard = undefined;
          if (signal?.aborted === true) return written;
          const path = join(partial, shardName(number));
          if (!existsSync(path)) {
            shard = createTar(path);
            written += 1;
          }
        }
        for (const file of await sampleOf(folder, row, place)) await shard?.add(file);
        place += 1;
        report?.({ done: place, total: count, unit: 'images', label: 'sharding' });
      }
    }
    await shard?.close();
    shard = undefined;
    return written;
  } finally {
    await shard?.discard();
  }
}

/** Returns the files of a row's sample. */
async function sampleOf(
  folder: string,
  row: ManifestRow,
  place: number,
): Promise<readonly TarFile[]> {
  const path = imagePathOf(folder, row.path);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new DataError(
      `${path}: a kept image must be there, but cannot be read. Run \`janus data clean\`.`,
      { path, cause: error },
    );
  });
  const ending = sniffImage(bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (ending === undefined || (row.sha256 !== null && row.sha256 !== sha256)) {
    const what = ending === undefined ? 'is not an image' : 'was changed since';
    throw new DataError(
      `${path}: must be the image of the manifest, but ${what}. Run \`janus data clean\`.`,
      { path },
    );
  }
  const key = String(place).padStart(KEY_DIGITS, '0');
  const json = new TextEncoder().encode(JSON.stringify(descriptionOf(row, sha256)));
  return [
    { name: `${key}.${ending}`, bytes },
    { name: `${key}.json`, bytes: json },
  ];
}
