import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '@janus/core';
import { listPacks, openPack, PACK_FILES, decodeRecipe, type Pack } from '@janus/images';
import { imagePathOf } from '../manifest/manifest.js';
import { manifestChunks } from '../manifest/manifest-stream.js';
import { readTable } from '../manifest/tables.js';

/** What stands for a file whose hash nobody took: its size and time of change. */
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

/** The pixels' file of packs of the first format: one that has it is made again. */
const FORMER_FILE = 'pictures.u8';

/** A pack that fits a data folder as it is now. */
export interface FreshPack {
  readonly state: 'fresh';
  readonly pack: Pack;
  /** Place in the pack of each image, by id. */
  readonly places: ReadonlyMap<string, number>;
}

/** Why a data folder's pack cannot be used. */
interface NoPack {
  readonly state: 'absent' | 'stale';
  /** In words, for a person; empty when there is no pack. */
  readonly reason: string;
}

/**
 * Returns the pack of a data folder if it holds all its kept images, each of the file that the manifest
 * has now, decoded as this machine decodes.
 *
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
