import { openSync, readFileSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DataError } from '@janus/core';
import { decodeImage } from '../decode/decode.js';

/** Texts in memory that threads share; a list would be copied to each of them. */
export interface SharedTexts {
  readonly bytes: Uint8Array;
  /** Where each text begins, and where the last one ends. */
  readonly starts: Float64Array;
}

/** Images in memory. */
export interface MemorySource {
  readonly kind: 'memory';
  /** uint8 [N, size, size, 3]. */
  readonly pixels: Uint8Array;
}

/** Images that are decoded when they are wanted. */
export interface FileSource {
  readonly kind: 'files';
  readonly paths: SharedTexts;
}

/** Images that are decoded when they are first wanted, and kept. */
export interface CachedSource {
  readonly kind: 'cached';
  readonly paths: SharedTexts;
  /** uint8 [N, size, size, 3]. */
  readonly pixels: Uint8Array;
  /** 1 where an image was decoded. */
  readonly decoded: Uint8Array;
}

/** Images in a packed file. */
export interface PackedSource {
  readonly kind: 'packed';
  readonly path: string;
  /** Bytes before the first image. */
  readonly start: number;
  /** Place in the file of each image. */
  readonly places: Int32Array;
  /** CRC-32 of each place. */
  readonly checksums: Uint32Array;
  /** 1 where a place was found to agree with its checksum. */
  readonly verified: Uint8Array;
}

/** Where images come from, in memory that threads share. */
export type LoaderSource = MemorySource | FileSource | CachedSource | PackedSource;

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

/** Returns texts in memory that threads share. */
export function shareTexts(texts: readonly string[]): SharedTexts {
  const starts = new Float64Array(shared(8 * (texts.length + 1)));
  texts.forEach((text, i) => (starts[i + 1] = (starts[i] ?? 0) + Buffer.byteLength(text)));
  const bytes = new Uint8Array(shared(starts[texts.length] ?? 0));
  const encoder = new TextEncoder();
  texts.forEach((text, i) => {
    bytes.set(encoder.encode(text), starts[i] ?? 0);
  });
  return { bytes, starts };
}

/** Returns one of some texts. */
export function textAt({ bytes, starts }: SharedTexts, index: number): string {
  // A decoder takes no shared memory.
  return Buffer.from(bytes.slice(starts[index], starts[index + 1])).toString();
}

/** Returns an image source of files. */
export const fileSource = (paths: readonly string[]): FileSource => ({
  kind: 'files',
  paths: shareTexts(paths),
});

/** Returns an image source of files whose pixels, of `bytes` each, are kept. */
export const cachedSource = (paths: readonly string[], bytes: number): CachedSource => ({
  kind: 'cached',
  paths: shareTexts(paths),
  pixels: new Uint8Array(shared(paths.length * bytes)),
  decoded: new Uint8Array(shared(paths.length)),
});

/** Files that stay open in a thread. */
const opened = new Map<string, number>();

function descriptorOf(path: string): number {
  const known = opened.get(path);
  if (known !== undefined) return known;
  const descriptor = openSync(path, 'r');
  opened.set(path, descriptor);
  return descriptor;
}

/**
 * Puts an image of a source into memory.
 *
 * @param target uint8 [size, size, 3]
 * @throws DataError when it cannot be decoded, or when a packed file is damaged
 */
export async function readImage(
  source: LoaderSource,
  index: number,
  { size, target }: { readonly size: number; readonly target: Uint8Array },
): Promise<void> {
  switch (source.kind) {
    case 'memory':
      target.set(source.pixels.subarray(index * target.length, (index + 1) * target.length));
      return;
    case 'files':
      await readFileImage(textAt(source.paths, index), { size, target });
      return;
    case 'cached':
      target.set(await cachedImage(source, index, size));
      return;
    case 'packed':
      readPacked(source, index, target);
  }
}

/** Two threads that want the same image at once write the same bytes. */
async function cachedImage(source: CachedSource, index: number, size: number): Promise<Uint8Array> {
  const bytes = size * size * 3;
  const pixels = source.pixels.subarray(index * bytes, (index + 1) * bytes);
  if (Atomics.load(source.decoded, index) === 0) {
    await readFileImage(textAt(source.paths, index), { size, target: pixels });
    Atomics.store(source.decoded, index, 1);
  }
  return pixels;
}

/**
 * Puts the image of a file into memory.
 *
 * @param target uint8 [size, size, 3]
 * @throws DataError when it cannot be decoded
 */
export async function readFileImage(
  path: string,
  { size, target }: { readonly size: number; readonly target: Uint8Array },
): Promise<void> {
  await decodeImage(bytesOf(path), { size, target, name: path });
}

/** Reads without a wait: a thread has nothing else to do. */
function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(
      `${path}: must be a whole image, but ${reason}. Run \`janus data clean\`, or remove it.`,
      { cause: error, path },
    );
  }
}

function readPacked(source: PackedSource, index: number, target: Uint8Array): void {
  const place = source.places[index] ?? 0;
  const position = source.start + place * target.length;
  const read = readSync(descriptorOf(source.path), target, 0, target.length, position);
  if (read !== target.length) {
    throw damagedPack(source.path, `it ends within image ${place}`);
  }
  if (source.verified[place] === 1) return;
  if (crc32(target) !== source.checksums[place]) {
    throw damagedPack(source.path, `image ${place} is not what its checksum says`);
  }
  source.verified[place] = 1;
}

/** The error of a packed file that is not what was written. */
export function damagedPack(path: string, what: string): DataError {
  return new DataError(
    `${path}: must be as it was packed, but ${what}. Make it again with \`janus data pack --force\`.`,
    { path },
  );
}
