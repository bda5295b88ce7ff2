import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@janus/core';
import { listPacks, openPack, PACK_FILES, decodeRecipe, type Pack } from '@janus/images';
import { imagePathOf } from '../manifest/manifest.js';
import { manifestChunks } from '../manifest/manifest-stream.js';
import { readTable } from '../manifest/tables.js';

/** Returns what identifies a file whose sha256 is not known: its size and time of change. */
export async function stampOf(path: string): Promise<string> {
  try {
    const { size, mtimeMs } = await stat(path);
    return `${size} bytes, ${mtimeMs}`;
  } catch (error) {
    throw new DataError(
      `${path}: a kept image must be there, but cannot be read. Run \`janus data clean\`.`,
      { path, cause: error },
    );
  }
}

/** The file of pixels in packs of the first format, which are made again. */
const FORMER_FILE = 'pictures.u8';

/** A pack that matches the current state of a data folder. */
export interface FreshPack {
  readonly state: 'fresh';
  readonly pack: Pack;
  /** Index of each image in the pack, by id. */
  readonly places: ReadonlyMap<string, number>;
}

/** Why a data folder's pack cannot be used. */
interface NoPack {
  readonly state: 'absent' | 'stale';
  /** Why the pack is stale, for a message; empty when there is none. */
  readonly reason: string;
}

/**
 * Returns the pack of a data folder if it holds all kept images, made from their current files and decoded by the
 * current decode recipe.
 *
 * @param size side of the square images in pixels
 * @throws DataError when the pack is damaged, or the folder has no manifest
 */
export async function findPack(folder: string, size: number): Promise<FreshPack | NoPack> {
  const folders = await listPacks(folder, size);
  const wanted = JSON.stringify(decodeRecipe(size));
  let reason = '';
  for (const each of folders) {
    if (existsSync(join(each, FORMER_FILE))) {
      reason = 'another version packed it';
      continue;
    }
    const pack = await openPack(each);
    if (JSON.stringify(pack.header.recipe) !== wanted) {
      reason = 'another version decoded it';
      continue;
    }
    const files = new Map(
      (await readTable(join(each, PACK_FILES.table))).map((row) => [
        String(row['id']),
        { place: Number(row['place']), file: row['file'] },
      ]),
    );
    const places = new Map<string, number>();
    let missing = 0;
    for await (const rows of manifestChunks(folder, {
      where: "status = 'kept'",
      columns: ['id', 'path', 'sha256'],
    })) {
      for (const { id, path, sha256 } of rows) {
        const found = files.get(id);
        const file = sha256 ?? (await stampOf(imagePathOf(folder, path)));
        if (found?.file === file) places.set(id, found.place);
        else missing += 1;
      }
    }
    if (missing === 0) return { state: 'fresh', pack, places };
    reason = `it lacks ${missing} of ${missing + places.size} images as they are now`;
  }
  return { state: folders.length === 0 ? 'absent' : 'stale', reason };
}
