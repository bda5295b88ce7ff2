import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, sha256OfFile } from '@janus/core';
import { damagedPack, type PackedSource } from '../loader/image-source.js';
import { PACK_FILES, PACK_START, readPackHeader, type PackHeader } from './pack-format.js';

/** An opened pack. */
export interface Pack {
  readonly folder: string;
  readonly header: PackHeader;
  /** uint32 [count]: CRC-32 of each image, in memory shared by threads. */
  readonly checksums: Uint32Array;
}

/**
 * Opens a pack. Everything but the images is verified; each image is verified when it is first read.
 *
 * @throws DataError when the pack is damaged
 */
export async function openPack(folder: string): Promise<Pack> {
  const header = await readPackHeader(join(folder, PACK_FILES.images));
  const path = join(folder, PACK_FILES.checksums);
  const table = join(folder, PACK_FILES.table);
  for (const [each, sha256] of [
    [path, header.checksums],
    [table, header.table],
  ] as const) {
    const found = await sha256OfFile(each).catch(() => 'nothing');
    if (found !== sha256) throw damagedPack(each, 'it is not what the header says');
  }
  const bytes = await readFile(path);
  const checksums = new Uint32Array(new SharedArrayBuffer(4 * header.count));
  for (let i = 0; i < header.count; i++) checksums[i] = bytes.readUInt32LE(4 * i);
  return { folder, header, checksums };
}

/** A pack and the index of each of its images. */
export interface PlacedPack {
  readonly pack: Pack;
  /** Index in the pack of each image, by id. */
  readonly places: ReadonlyMap<string, number>;
}

/**
 * Makes a loader's source of images of a pack.
 *
 * @param ids the images, in the source's order
 * @throws DataError when the pack lacks one of them
 */
export function packedSource({ pack, places }: PlacedPack, ids: readonly string[]): PackedSource {
  const chosen = new Int32Array(new SharedArrayBuffer(4 * ids.length));
  ids.forEach((id, i) => {
    const place = places.get(id);
    if (place === undefined) {
      throw new DataError(
        `${pack.folder}: must hold every kept image, but lacks ${id}. Rebuild it with \`janus data pack\`.`,
        { path: pack.folder },
      );
    }
    chosen[i] = place;
  });
  return {
    kind: 'packed',
    path: join(pack.folder, PACK_FILES.images),
    start: PACK_START,
    places: chosen,
    checksums: pack.checksums,
    verified: new Uint8Array(new SharedArrayBuffer(pack.header.count)),
  };
}
