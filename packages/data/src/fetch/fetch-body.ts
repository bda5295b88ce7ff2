/** The body of a response, checked against its limits while it arrives. */

import { createHash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { SNIFF_BYTES, sniffImage } from '@janus/images';

/** A downloaded image. */
export interface Body {
  readonly bytes: number;
  readonly sha256: string;
  /** File ending of its format, by its first bytes. */
  readonly extension: string;
  /** The bytes, or those after the ones in `spool`. */
  readonly chunks: readonly Buffer[];
  /** A temporary file with the bytes that are not held in memory. */
  readonly spool: Spool | undefined;
}

/** A temporary file that is being written. */
interface Spool {
  readonly name: string;
  readonly handle: FileHandle;
}

/** Limits of {@link readBody}. */
export interface BodyOptions {
  readonly maxBytes: number;
  /** Returns an unused name for a temporary file. */
  readonly spoolName: () => string;
}

/** Bytes of an image that are held in memory: most images fit, and 64 at once take 64 MiB. */
const MEMORY_BYTES = 1024 * 1024;

/** Removes the temporary file of an image that is not kept. */
export async function discardBody(body: Pick<Body, 'spool'>): Promise<void> {
  if (body.spool === undefined) return;
  await body.spool.handle.close();
  await rm(body.spool.name, { force: true });
}

/**
 * Reads an image to its end, or up to the byte that shows that it is not an image or is too large; the stream is then
 * destroyed.
 *
 * @throws what the stream throws
 */
export async function readBody(
  stream: Readable,
  options: BodyOptions,
): Promise<Body | 'empty' | 'not_image' | 'too_large'> {
  const hash = createHash('sha256');
  let bytes = 0;
  let held = 0;
  let chunks: Buffer[] = [];
  let extension: string | undefined;
  let spool: Spool | undefined;
  let whole = false;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      held += chunk.length;
      if (bytes > options.maxBytes) return 'too_large';
      hash.update(chunk);
      chunks.push(chunk);
      if (extension === undefined && bytes >= SNIFF_BYTES) {
        extension = sniffImage(headOf(chunks));
        if (extension === undefined) return 'not_image';
      }
      if (held > MEMORY_BYTES) {
        if (spool === undefined) {
          const name = options.spoolName();
          spool = { name, handle: await open(name, 'wx') };
        }
        await spool.handle.writeFile(Buffer.concat(chunks));
        chunks = [];
        held = 0;
      }
    }
    if (bytes === 0) return 'empty';
    extension ??= sniffImage(headOf(chunks));
    if (extension === undefined) return 'not_image';
    whole = true;
    return { bytes, sha256: hash.digest('hex'), extension, chunks, spool };
  } finally {
    if (!whole) await discardBody({ spool });
  }
}

function headOf(chunks: readonly Buffer[]): Buffer {
  const [first] = chunks;
  return first !== undefined && first.length >= SNIFF_BYTES ? first : Buffer.concat(chunks);
}

/**
 * Returns the decompressed body of a response; undefined when it is compressed in an unknown way. We ask for plain
 * bytes, but some hosts compress regardless. More than `maxBytes` on the wire destroys the stream: an endless stream
 * can decompress to nothing.
 */
export function unpacked(response: IncomingMessage, maxBytes: number): Readable | undefined {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return response;
  const decoder =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip()
      : encoding === 'deflate'
        ? createInflate()
        : encoding === 'br'
          ? createBrotliDecompress()
          : undefined;
  if (decoder === undefined) return undefined;
  let wire = 0;
  response.on('data', (chunk: Buffer) => {
    wire += chunk.length;
    if (wire > maxBytes) {
      decoder.destroy(Object.assign(new Error('too much'), { code: 'TOO_LARGE' }));
    }
  });
  // An error or an early end of either stream ends the other.
  pipeline(response, decoder, () => undefined);
  return decoder;
}

/** How much is read of a response without an image, so that its connection can be used again. */
const DRAIN_BYTES = 64 * 1024;
const DRAIN_MS = 1000;

/** Reads the rest of a short response; the connection of a long or slow one is closed. */
export async function drain(response: IncomingMessage): Promise<void> {
  const timer = setTimeout(() => response.destroy(), DRAIN_MS);
  let bytes = 0;
  try {
    if (Number(response.headers['content-length'] ?? 0) > DRAIN_BYTES) response.destroy();
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > DRAIN_BYTES) break;
    }
  } catch {
    // A failure here can only mean that the connection is closed.
  } finally {
    clearTimeout(timer);
  }
}
