/** The bytes of an answer, held to their limits while they come. */

import { createHash } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { SNIFF_BYTES, sniffImage } from '@janus/images';

/** An image as it came. */
export interface Body {
  readonly bytes: number;
  readonly sha256: string;
  /** Of its format, by its first bytes. */
  readonly extension: string;
  /** The bytes, or those that follow what is in `spool`. */
  readonly chunks: readonly Buffer[];
  /** A temporary file with what is too much for the memory. */
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
  /** Returns a name for a temporary file that nothing else uses. */
  readonly spoolName: () => string;
}

/** Held in memory per image: most images, and 64 MiB for 64 of them at once. */
const MEMORY_BYTES = 1024 * 1024;

/** Removes the temporary file of an image that is not wanted. */
export async function discardBody(body: Pick<Body, 'spool'>): Promise<void> {
  if (body.spool === undefined) return;
  await body.spool.handle.close();
  await rm(body.spool.name, { force: true });
}

/**
 * Reads an image to its end, or up to the byte that shows that it is none or too large; the stream is then
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
 * Returns the unpacked stream of an answer, or undefined when it is packed in an unknown way. We ask for
 * plain bytes; some hosts pack whatever is asked. More than `maxBytes` on the wire destroys the stream: a
 * packed nothing can be endless.
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

/** What is read of an answer that is no image, so that its connection can be used again. */
const DRAIN_BYTES = 64 * 1024;
const DRAIN_MS = 1000;

/** Reads the rest of a short answer; a long or slow one loses its connection. */
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
    // The connection is gone, which is all that a failure here can mean.
  } finally {
    clearTimeout(timer);
  }
}
