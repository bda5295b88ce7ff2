/**
 * A pack, the decoded images of a data folder, is its subfolder `packed/<size>px-<key>`:
 *
 * - `images.u8`: 4,096 bytes of header, then uint8 [count, size, size, 3];
 * - `checksums.u32`: CRC-32 of each image, little-endian;
 * - `images.parquet`: place, id and source file of each image.
 *
 * The header is the line `JANUSPACK 2`, a line of JSON, and zeros. NumPy reads the images as
 * `numpy.memmap(path, 'uint8', 'r', offset=4096, shape=(count, size, size, 3))`.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DecodeRecipe } from '../decode/decode.js';
import { damagedPack } from '../loader/image-source.js';

/** First line of `images.u8`: the kind of file and the version of its layout. */
export const PACK_MAGIC = 'JANUSPACK 2';

/** Bytes before the first image: a memory page, so that the images can be mapped. */
export const PACK_START = 4096;

/** File names in a pack's folder. */
export const PACK_FILES = {
  images: 'images.u8',
  checksums: 'checksums.u32',
  table: 'images.parquet',
} as const;

/** The header of `images.u8`. */
export interface PackHeader {
  /** {@link packKey} of the content: another recipe or other images give another pack. */
  readonly key: string;
  /** Images in the file. */
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
  readonly recipe: DecodeRecipe;
  /** sha256 over id and source file of every image, in the pack's order. */
  readonly imagesHash: string;
  /** sha256 of `checksums.u32`. */
  readonly checksums: string;
  /** sha256 of `images.parquet`. */
  readonly table: string;
}

/** What a pack holds, as far as its key depends on it. */
export interface PackContent {
  readonly recipe: DecodeRecipe;
  /** sha256 over id and source file of every image, in the pack's order. */
  readonly imagesHash: string;
  /** Images, 0 or more. */
  readonly count: number;
}

/** Returns the key of a pack: 16 hexadecimal digits of a sha256 over its content. */
export function packKey({ recipe, imagesHash, count }: PackContent): string {
  const text = JSON.stringify([PACK_MAGIC, recipe, imagesHash, count]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Returns the folder that holds all packs of a data folder. */
export const packsFolder = (folder: string): string => join(folder, 'packed');

/** Returns the folder of a finished pack. */
export function packFolder(folder: string, size: number, key: string): string {
  return join(packsFolder(folder), `${size}px-${key}`);
}

/** Returns the folder in which a pack is written until it is finished; an interrupted one is resumed there. */
export function partialPackFolder(folder: string, size: number, key: string): string {
  return join(packsFolder(folder), `.${size}px-${key}.partial`);
}

/** Returns the folders of the finished packs of a size, sorted by name. */
export async function listPacks(folder: string, size: number): Promise<string[]> {
  const all = packsFolder(folder);
  if (!existsSync(all)) return [];
  const names = (await readdir(all)).filter((name) => name.startsWith(`${size}px-`)).sort();
  return names.map((name) => join(all, name));
}

/** Encodes a header as the first {@link PACK_START} bytes of `images.u8`. */
export function encodePackHeader(header: PackHeader): Uint8Array {
  const bytes = new Uint8Array(PACK_START);
  bytes.set(new TextEncoder().encode(`${PACK_MAGIC}\n${JSON.stringify(header)}\n`));
  return bytes;
}

/**
 * Reads the header of a packed file.
 *
 * @throws DataError when the file is missing, its header invalid, or its size not what the header says
 */
export async function readPackHeader(path: string): Promise<PackHeader> {
  const file = await open(path, 'r').catch(() => {
    throw damagedPack(path, 'it is missing');
  });
  try {
    const bytes = Buffer.alloc(PACK_START);
    const { bytesRead } = await file.read(bytes, 0, PACK_START, 0);
    const header = bytesRead === PACK_START ? parseHeader(bytes.toString()) : undefined;
    if (header === undefined) throw damagedPack(path, 'its header is invalid');
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
