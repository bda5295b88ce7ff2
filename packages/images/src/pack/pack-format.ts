/**
 * A packed cache is a folder `packed/<size>px-<key>` of a data folder:
 *
 * - `images.u8`: 4,096 bytes of header, then uint8 [count, size, size, 3];
 * - `checksums.u32`: CRC-32 of each image, little-endian;
 * - `images.parquet`: id, and what the file was, of each image in its place.
 *
 * The header is a line `JANUSPACK 2`, a line of JSON, and zeros. NumPy reads the images as
 * `numpy.memmap(path, 'uint8', 'r', offset=4096, shape=(count, size, size, 3))`.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecodeRecipe } from '../decode/decode.js';
import { damagedPack } from '../loader/image-source.js';

/** First line of a packed file: what it is, and the version of its layout. */
export const PACK_MAGIC = 'JANUSPACK 2';

/** Bytes before the first image: a page, so that images can be mapped. */
export const PACK_START = 4096;

/** Names of a pack's files. */
export const PACK_FILES = {
  images: 'images.u8',
  checksums: 'checksums.u32',
  table: 'images.parquet',
} as const;

/** What a packed file says of itself. */
export interface PackHeader {
  /** Hash over recipe and images; another key is another pack. */
  readonly key: string;
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
  readonly recipe: DecodeRecipe;
  /** sha256 over id and file of every image, in their order. */
  readonly imagesHash: string;
  /** sha256 of `checksums.u32`. */
  readonly checksums: string;
  /** sha256 of `images.parquet`. */
  readonly table: string;
}

/** What images and their order are; `count` may be 0. */
export interface PackContent {
  readonly recipe: DecodeRecipe;
  readonly imagesHash: string;
  readonly count: number;
}

/** Returns the key of a pack: its version. */
export function packKey({ recipe, imagesHash, count }: PackContent): string {
  const text = JSON.stringify([PACK_MAGIC, recipe, imagesHash, count]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Returns the folder of all packs of a data folder. */
export const packsFolder = (folder: string): string => join(folder, 'packed');

/** Returns the folder of a pack. */
export function packFolder(folder: string, size: number, key: string): string {
  return join(packsFolder(folder), `${size}px-${key}`);
}

/** Returns the folder in which a pack is made: the same after an interruption, which goes on there. */
export function partialFolder(folder: string, size: number, key: string): string {
  return join(packsFolder(folder), `.${size}px-${key}.partial`);
}

/** Returns the finished packs of a size. */
export async function listPacks(folder: string, size: number): Promise<string[]> {
  const all = packsFolder(folder);
  if (!existsSync(all)) return [];
  const names = (await readdir(all)).filter((name) => name.startsWith(`${size}px-`)).sort();
  return names.map((name) => join(all, name));
}

/** Returns a header as the bytes that a packed file begins with. */
export function encodeHeader(header: PackHeader): Uint8Array {
  const bytes = new Uint8Array(PACK_START);
  bytes.set(new TextEncoder().encode(`${PACK_MAGIC}\n${JSON.stringify(header)}\n`));
  return bytes;
}

/**
 * Returns the header of a packed file.
 *
 * @throws DataError when there is none, or its size is not what the header says
 */
export async function readHeader(path: string): Promise<PackHeader> {
  const file = await open(path, 'r').catch(() => {
    throw damagedPack(path, 'it is not there');
  });
  try {
    const bytes = Buffer.alloc(PACK_START);
    const { bytesRead } = await file.read(bytes, 0, PACK_START, 0);
    const header = bytesRead === PACK_START ? parseHeader(bytes.toString()) : undefined;
    if (header === undefined) throw damagedPack(path, 'its header is not one');
    const expected = PACK_START + header.count * header.size ** 2 * 3;
    const { size } = await file.stat();
    if (size !== expected) throw damagedPack(path, `it has ${size} bytes instead of ${expected}`);
    return header;
  } finally {
    await file.close();
  }
}

function parseHeader(text: string): PackHeader | undefined {
  const [magic, json = ''] = text.split('\n', 2);
  if (magic !== PACK_MAGIC) return undefined;
  try {
    const header = JSON.parse(json) as PackHeader;
    const whole = [header.count, header.size].every((each) => Number.isInteger(each) && each >= 0);
    return whole && packKey(header) === header.key ? header : undefined;
  } catch {
    return undefined;
  }
}
