import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { commitRename, DataError, sha256OfFile, type ProgressListener } from '@janus/core';
import {
  encodePackHeader,
  listPacks,
  openPack,
  PACK_FILES,
  PACK_START,
  packFolder,
  packKey,
  packsFolder,
  partialPackFolder,
  decodeRecipe,
  writePackedPixels,
  type PackContent,
} from '@janus/images';
import { literal, withDatabase } from '../manifest/database.js';
import { lockFolder } from '../manifest/folder-lock.js';
import { imagePathOf } from '../manifest/manifest.js';
import { manifestChunks } from '../manifest/manifest-stream.js';
import { stampOf } from './find-pack.js';

/** Options of {@link packDataset}. */
export interface PackOptions {
  /** Side of the square images in pixels; default 224, the size that VGG-16 takes. */
  readonly size?: number;
  /** Whether an existing pack is made again; default false. */
  readonly force?: boolean;
  /** Number of threads that decode; default one per core. */
  readonly workers?: number;
  readonly report?: ProgressListener;
  /** Stops after the images under way; the next call resumes. */
  readonly signal?: AbortSignal;
}

/** What {@link packDataset} did. */
export interface PackResult {
  /** Folder of the pack. */
  readonly folder: string;
  /** Number of images in the pack. */
  readonly rows: number;
  /** Side of the images in pixels. */
  readonly size: number;
  /** Size of the file of pixels. */
  readonly bytes: number;
  /** Images that this call decoded; 0 when the pack existed. */
  readonly packed: number;
  /** False when it was interrupted; the next call resumes. */
  readonly finished: boolean;
}

/** The rows that are packed, and the columns that are read. */
const ROWS = { where: "status = 'kept'", columns: ['id', 'path', 'sha256'] };

/**
 * Decodes the kept images of a data folder to one file of pixels, so that training reads instead of decoding. The pack
 * is whole or absent; images that a killed run finished are not decoded again. An existing pack of the same images and
 * decode recipe is kept; others of the same size are removed. Memory does not depend on the number of images.
 *
 * @throws DataError when an image cannot be decoded or the folder holds none; EnvironmentError when another
 * process packs the folder, or the disk is full
 */
export async function packDataset(folder: string, options: PackOptions = {}): Promise<PackResult> {
  const { size = 224, force = false } = options;
  const content = await contentOf(folder, size);
  const key = packKey(content);
  const target = packFolder(folder, size, key);
  const bytes = PACK_START + content.count * size ** 2 * 3;
  const result = { folder: target, rows: content.count, size, bytes, finished: true };
  await mkdir(packsFolder(folder), { recursive: true });
  const unlock = await lockFolder(packsFolder(folder), 'pack');
  try {
    if (force) await rm(target, { recursive: true, force: true });
    if (existsSync(target)) {
      await openPack(target);
      return { ...result, packed: 0 };
    }
    const partial = partialPackFolder(folder, size, key);
    if (force) await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    const packed = await writePackedPixels(partial, keptPaths(folder), {
      ...options,
      size,
      count: content.count,
    });
    if (options.signal?.aborted === true) return { ...result, packed, finished: false };
    await writeImageTable(folder, join(partial, PACK_FILES.table));
    await finish(partial, content, key);
    await commitRename(partial, target);
    for (const other of await listPacks(folder, size)) {
      if (other !== target) await rm(other, { recursive: true, force: true });
    }
    return { ...result, packed };
  } finally {
    unlock();
  }
}

/** Reads every row once, and returns what the pack is to hold. */
async function contentOf(folder: string, size: number): Promise<PackContent> {
  const hash = createHash('sha256');
  let count = 0;
  for await (const rows of manifestChunks(folder, ROWS)) {
    for (const { id, path, sha256 } of rows) {
      hash.update(
        `${JSON.stringify([id, sha256 ?? (await stampOf(imagePathOf(folder, path)))])}\n`,
      );
    }
    count += rows.length;
  }
  if (count === 0) {
    throw new DataError(
      `${folder}: a pack needs images, but no row is kept. Run \`janus data stats ${folder}\` to see why.`,
      { path: folder },
    );
  }
  return { recipe: decodeRecipe(size), imagesHash: hash.digest('hex'), count };
}

/** Yields the paths of the kept images, in the manifest's order. */
async function* keptPaths(folder: string): AsyncGenerator<readonly string[], void, void> {
  for await (const rows of manifestChunks(folder, ROWS)) {
    yield rows.map(({ path }) => imagePathOf(folder, path));
  }
}

/** Writes the table of images: the index of each in the pack, its id, and the file that it was made from. */
async function writeImageTable(folder: string, path: string): Promise<void> {
  await withDatabase(async (connection) => {
    await connection.run('CREATE TABLE packed (place INTEGER, id VARCHAR, file VARCHAR)');
    const appender = await connection.createAppender('packed');
    let place = 0;
    for await (const rows of manifestChunks(folder, ROWS)) {
      for (const row of rows) {
        appender.appendInteger(place++);
        appender.appendVarchar(row.id);
        appender.appendVarchar(row.sha256 ?? (await stampOf(imagePathOf(folder, row.path))));
        appender.endRow();
      }
    }
    appender.closeSync();
    await connection.run(`COPY packed TO ${literal(path)} (FORMAT parquet)`);
  });
}

/** Writes the header, which makes the files a pack. */
async function finish(partial: string, content: PackContent, key: string): Promise<void> {
  const { recipe, imagesHash, count } = content;
  const path = join(partial, PACK_FILES.images);
  const table = join(partial, PACK_FILES.table);
  const header = encodePackHeader({
    ...{ key, count, size: recipe.size, recipe, imagesHash },
    checksums: await sha256OfFile(join(partial, PACK_FILES.checksums)),
    table: await sha256OfFile(table),
  });
  const { size } = await stat(path);
  const expected = PACK_START + count * recipe.size ** 2 * 3;
  if (size !== expected) {
    throw new DataError(
      `${path}: must have ${expected} bytes, but has ${size}, since the manifest changed meanwhile. Repeat the command.`,
      { path },
    );
  }
  for (const [each, bytes] of [
    [table, undefined],
    [path, header],
  ] as const) {
    const file = await open(each, 'r+');
    try {
      if (bytes !== undefined) await file.write(bytes, 0, bytes.length, 0);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
