/** Text files as plain UTF-8, whatever their compression and encoding. */

import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { DataError, OptionsError, temporaryNameFor } from '@janus/core';

const LF = 10;
const CR = 13;

/** The encoding of a text file. */
export type TextEncoding = 'utf-8' | 'latin1' | 'utf-16';

/**
 * Returns the path of the file, or of a copy that is decompressed, in UTF-8, and without lines that end in a carriage
 * return alone.
 *
 * @param options the folder for copies, and the encoding; default: by the byte order mark, else UTF-8
 * @throws DataError when a gzip file is damaged; OptionsError when the byte order mark contradicts the encoding
 */
export async function plainText(
  path: string,
  options: { readonly work: string; readonly encoding?: TextEncoding },
): Promise<string> {
  return await decoded(await unpacked(path, options.work), { name: path, ...options });
}

/** Returns the path of the file, or of its decompressed copy. */
export async function unpacked(path: string, work: string): Promise<string> {
  const start = await firstBytes(path, 2);
  const packed = start[0] === 0x1f && start[1] === 0x8b;
  if (!packed && !path.toLowerCase().endsWith('.gz')) return path;
  const plain = temporaryNameFor(join(work, 'unpacked'));
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(plain));
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new DataError(
        `${path}: must be a whole gzip file, but ${error.message}. Download it again, or decompress it by hand.`,
        { path, cause: error },
      );
    }
    throw error;
  }
  return plain;
}

async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function decoded(
  path: string,
  context: { readonly name: string; readonly work: string; readonly encoding?: TextEncoding },
): Promise<string> {
  const { name, work, encoding: given } = context;
  const start = await firstBytes(path, 65_536);
  const mark =
    start[0] === 0xff && start[1] === 0xfe
      ? 'utf-16le'
      : start[0] === 0xfe && start[1] === 0xff
        ? 'utf-16be'
        : undefined;
  if (mark !== undefined && given !== undefined && given !== 'utf-16') {
    throw new OptionsError(
      `${name}: begins with the byte order mark of UTF-16, but --encoding is ${given}. Leave --encoding out.`,
    );
  }
  const encoding = mark ?? (given === 'utf-16' ? 'utf-16le' : (given ?? 'utf-8'));
  // Lines of Mac OS before 2001 end in a carriage return alone.
  const oldMac = encoding === 'utf-8' && start.includes(CR) && !start.includes(LF);
  if (encoding === 'utf-8' && !oldMac) return path;
  const copy = temporaryNameFor(join(work, 'decoded'));
  const decoder = new TextDecoder(encoding);
  const translate = new Transform({
    transform(chunk: Buffer, _, done): void {
      if (!oldMac) {
        done(null, decoder.decode(chunk, { stream: true }));
        return;
      }
      for (let i = 0; i < chunk.length; i++) if (chunk[i] === CR) chunk[i] = LF;
      done(null, chunk);
    },
    flush(done): void {
      done(null, oldMac ? '' : decoder.decode());
    },
  });
  await pipeline(createReadStream(path), translate, createWriteStream(copy));
  return copy;
}
