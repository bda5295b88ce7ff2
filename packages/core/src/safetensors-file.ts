/** Safetensors files of any size: read and written in pieces, since one call moves at most 2 GiB. */
import { open, type FileHandle } from 'node:fs/promises';
import { DataError } from './errors.js';
import { writeAtomic } from './files.js';
import {
  arrayOfBytes,
  headerLengthOf,
  placedArrays,
  safetensorsHead,
  type NamedArray,
  type NamedArrays,
} from './safetensors.js';

/** Options of {@link readSafetensorsFile}. */
export interface PieceOptions {
  /** Most bytes of one call to the file system; default 256 MiB, far below the 2 GiB that one can move. */
  readonly pieceBytes?: number;
}

/** Options of {@link writeSafetensorsFile}. */
export interface SafetensorsFileOptions extends PieceOptions {
  /** The header's `__metadata__`; default none. */
  readonly metadata?: NamedArrays['metadata'];
}

const PIECE_BYTES = 2 ** 28;

/**
 * Writes a safetensors file, whole or not at all, without a second copy of the arrays in memory; creates the folder if it
 * does not exist.
 */
export async function writeSafetensorsFile(
  path: string,
  arrays: readonly NamedArray[],
  options: SafetensorsFileOptions = {},
): Promise<void> {
  const { pieceBytes = PIECE_BYTES, metadata = {} } = options;
  await writeAtomic(path, async (file) => {
    const parts = [safetensorsHead(arrays, metadata), ...arrays.map(({ data }) => data)];
    for (const { buffer, byteOffset, byteLength } of parts) {
      for (let at = 0; at < byteLength;) {
        const length = Math.min(pieceBytes, byteLength - at);
        const { bytesWritten } = await file.write(new Uint8Array(buffer, byteOffset + at, length));
        at += bytesWritten;
      }
    }
  });
}

/**
 * Returns the arrays of a safetensors file; those in float16 come as float32.
 *
 * @throws DataError when it is not a whole safetensors file
 */
export async function readSafetensorsFile(
  path: string,
  options: PieceOptions = {},
): Promise<NamedArrays> {
  const { pieceBytes = PIECE_BYTES } = options;
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = async (from: number, to: number): Promise<Uint8Array<ArrayBuffer>> =>
      await readRange(file, { path, from, to, pieceBytes });
    const about = { where: path, size };
    const length = headerLengthOf(await read(0, Math.min(8, size)), about);
    const { placed, metadata } = placedArrays(await read(8, 8 + length), about);
    const arrays: NamedArray[] = [];
    for (const each of placed) arrays.push(arrayOfBytes(each, await read(each.from, each.to)));
    return { arrays, metadata };
  } finally {
    await file.close();
  }
}

/** Returns the bytes of a part of a file. */
async function readRange(
  file: FileHandle,
  part: {
    readonly path: string;
    readonly from: number;
    readonly to: number;
    readonly pieceBytes: number;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  const { path, from, to, pieceBytes } = part;
  const bytes = new Uint8Array(to - from);
  for (let at = 0; at < bytes.length;) {
    const length = Math.min(pieceBytes, bytes.length - at);
    const { bytesRead } = await file.read(bytes, at, length, from + at);
    if (bytesRead === 0) {
      throw new DataError(`${path}: ended while it was read. Is another program writing it?`, {
        path,
      });
    }
    at += bytesRead;
  }
  return bytes;
}
