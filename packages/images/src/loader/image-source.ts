import { openSync, readFileSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { DataError } from '@janus/core';
import { decodeImage } from '../decode/decode.js';
import { bytesOf, type Sides } from '../decode/sides.js';

/** A list of strings in memory shared by threads; an array of strings would be copied to each thread. */
export interface SharedTexts {
  /** All strings in UTF-8, one after the other. */
  readonly bytes: Uint8Array;
  /** float64 [N + 1]: where each string begins, and where the last one ends. */
  readonly starts: Float64Array;
}

/** Decoded images in memory. */
export interface MemorySource {
  readonly kind: 'memory';
  /** uint8 [N, size, width, 3]. */
  readonly pixels: Uint8Array;
}

/** Image files that are decoded on every use. */
export interface FileSource {
  readonly kind: 'files';
  readonly paths: SharedTexts;
}

/** Image files that are decoded on first use and then kept in memory. */
export interface CachedSource {
  readonly kind: 'cached';
  readonly paths: SharedTexts;
  /** uint8 [N, size, width, 3]. */
  readonly pixels: Uint8Array;
  /** uint8 [N]: 1 once an image is decoded. */
  readonly decoded: Uint8Array;
}

/** Images of a packed file. */
export interface PackedSource {
  readonly kind: 'packed';
  readonly path: string;
  /** Bytes before the first image. */
  readonly start: number;
  /** int32 [N]: index in the file of each image. */
  readonly places: Int32Array;
  /** CRC-32 of each image in the file, by its index there. */
  readonly checksums: Uint32Array;
  /** 1 once an image of the file was verified against its checksum. */
  readonly verified: Uint8Array;
}

/** Where a loader's images come from; all arrays lie in memory shared by its threads. */
export type LoaderSource = MemorySource | FileSource | CachedSource | PackedSource;

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

/** Copies strings into memory shared by threads. */
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

/** Returns one string of a shared list. */
export function textAt({ bytes, starts }: SharedTexts, index: number): string {
  // TextDecoder refuses shared memory, so the bytes are copied.
  return Buffer.from(bytes.slice(starts[index], starts[index + 1])).toString();
}

/** Makes a source of files that are decoded on every use. */
export const fileSource = (paths: readonly string[]): FileSource => ({
  kind: 'files',
  paths: shareTexts(paths),
});

/** Makes a source of files that are decoded once; `bytes` is the size of one decoded image. */
export const cachedSource = (paths: readonly string[], bytes: number): CachedSource => ({
  kind: 'cached',
  paths: shareTexts(paths),
  pixels: new Uint8Array(shared(paths.length * bytes)),
  decoded: new Uint8Array(shared(paths.length)),
});

/** Descriptors of packed files, which stay open in each thread. */
const opened = new Map<string, number>();

function descriptorOf(path: string): number {
  const known = opened.get(path);
  if (known !== undefined) return known;
  const descriptor = openSync(path, 'r');
  opened.set(path, descriptor);
  return descriptor;
}

/**
 * Reads an image of a source, decoding it where necessary.
 *
 * @param target uint8 [size, width, 3] that the pixels are written to
 * @throws DataError when it cannot be decoded, or when a packed file is damaged
 */
export async function readImage(
  source: LoaderSource,
  index: number,
  place: Sides & { readonly target: Uint8Array },
): Promise<void> {
  const { target } = place;
  switch (source.kind) {
    case 'memory':
      target.set(source.pixels.subarray(index * target.length, (index + 1) * target.length));
      return;
    case 'files':
      await readFileImage(textAt(source.paths, index), place);
      return;
    case 'cached':
      target.set(await cachedImage(source, index, place));
      return;
    case 'packed':
      readPacked(source, index, target);
  }
}

/** Two threads that decode the same image at once write the same bytes, so no lock is needed. */
async function cachedImage(
  source: CachedSource,
  index: number,
  { size, width }: Sides,
): Promise<Uint8Array> {
  const bytes = bytesOf({ size, width });
  const pixels = source.pixels.subarray(index * bytes, (index + 1) * bytes);
  if (Atomics.load(source.decoded, index) === 0) {
    await readFileImage(textAt(source.paths, index), { size, width, target: pixels });
    Atomics.store(source.decoded, index, 1);
  }
  return pixels;
}

/**
 * Decodes an image file.
 *
 * @param target uint8 [size, width, 3] that the pixels are written to
 * @throws DataError when it cannot be read or decoded
 */
export async function readFileImage(
  path: string,
  { size, width, target }: Sides & { readonly target: Uint8Array },
): Promise<void> {
  await decodeImage(fileBytes(path), { size, width, target, name: path });
}

/** Reads a file synchronously, which is faster and blocks nothing else in a loader's thread. */
function fileBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(
      `${path}: must be a complete image, but ${reason}. Run \`janus data clean\`, or remove it.`,
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

/** Returns the error for a damaged packed file; `what` follows "must be as it was packed, but". */
export function damagedPack(path: string, what: string): DataError {
  return new DataError(
    `${path}: must be as it was packed, but ${what}. Rebuild it with \`janus data pack --force\`.`,
    { path },
  );
}
