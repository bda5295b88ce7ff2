/** Tar archives, the format of webdataset shards: POSIX ustar with pax headers (IEEE Std 1003.1-2017). */
import { createReadStream, type ReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { DataError, temporaryNameFor } from '@janus/core';
import { extract, pack, type Extract, type Pack } from 'tar-stream';

/** A regular file in an archive. */
export interface TarFile {
  /** Path within the archive, with `/` between folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** An archive that is being written. */
export interface TarWriter {
  /** Appends a file; resolves when its bytes are on their way to the disk. */
  add(file: TarFile): Promise<void>;
  /** Completes the archive, syncs it to the disk and gives it its name. */
  close(): Promise<void>;
  /** Removes what was written; does nothing after {@link TarWriter.close}. */
  discard(): Promise<void>;
}

/** The same for every file, so that the same files give the same bytes. */
const HEADER = { type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) } as const;

/**
 * Creates an archive under a temporary name in the folder of `path`; it gets its own name when it is
 * complete. The bytes depend on the files and their order alone.
 */
export function createTar(path: string): TarWriter {
  const temporary = temporaryNameFor(path);
  const archive = pack();
  const written = writeAll(temporary, archive).catch((error: unknown) => {
    archive.destroy(); // else add() would never return
    throw error;
  });
  // A failure is reported by the next add() or close().
  written.catch(() => undefined);
  return {
    add: async ({ name, bytes }) => {
      try {
        await new Promise<void>((resolve, reject) => {
          archive.entry({ ...HEADER, name, size: bytes.length }, bytes, (error) => {
            if (error) reject(error);
            else resolve();
          });
        });
      } catch (error) {
        await written; // the reason why the archive was destroyed, a full disk for example
        throw error;
      }
    },
    close: async () => {
      archive.finalize();
      await written;
      await rename(temporary, path);
    },
    discard: async () => {
      archive.destroy();
      await written.catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

/** Bytes written at a time. */
const WRITE_BYTES = 4 * 2 ** 20;

/** Writes the bytes of an archive to a file as they are made, and syncs it. */
async function writeAll(path: string, archive: Pack): Promise<void> {
  const file = await open(path, 'wx');
  try {
    let waiting: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of archive as AsyncIterable<Uint8Array>) {
      waiting.push(chunk);
      length += chunk.length;
      if (length < WRITE_BYTES) continue;
      await file.writeFile(Buffer.concat(waiting));
      waiting = [];
      length = 0;
    }
    await file.writeFile(Buffer.concat(waiting));
    await file.sync();
  } finally {
    await file.close();
  }
}

const BLOCK = 512;

/**
 * Yields the regular files of an archive (ustar, pax, GNU or v7), one in memory at a time.
 *
 * @throws DataError when it cannot be read, is not an archive, is damaged, or is truncated
 */
export async function* readTar(path: string): AsyncGenerator<TarFile, void, void> {
  const { source, archive } = openArchive(path);
  /** Where the header after the last file begins. */
  let next = 0;
  try {
    for await (const entry of archive) {
      const { name, type, size } = entry.header;
      next = entry.offset + BLOCK + Math.ceil(size / BLOCK) * BLOCK;
      const isFile = type === 'file' && !name.endsWith('/');
      const chunks: Uint8Array[] = [];
      for await (const chunk of entry as AsyncIterable<Uint8Array>) {
        if (isFile) chunks.push(chunk);
      }
      if (isFile) yield { name, bytes: Buffer.concat(chunks) };
    }
    // The library accepts an archive that was cut off between two files.
    if (!(await endsWithZeros(path))) throw new Error(TRUNCATED);
  } catch (error) {
    throw errorOf(error, { path, next, bytes: source.bytesRead });
  } finally {
    archive.destroy();
    source.destroy();
  }
}

/** Opens an archive, and pipes its bytes to the library's reader. */
function openArchive(path: string): { readonly source: ReadStream; readonly archive: Extract } {
  // Headers of the v7 format have no magic number.
  const archive = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  const source = createReadStream(path);
  source.on('error', (error) => {
    archive.destroy(error);
  });
  source.pipe(archive);
  return { source, archive };
}

/** Returns whether a file ends with a block of zeros, as every complete archive does. */
async function endsWithZeros(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const block = Buffer.alloc(BLOCK, 1);
    await file.read(block, 0, BLOCK, Math.max(0, size - BLOCK));
    return block.every((byte) => byte === 0);
  } finally {
    await file.close();
  }
}

/** The library's message for an archive that ends within a file. */
const TRUNCATED = 'Unexpected end of data';

function errorOf(
  error: unknown,
  where: { readonly path: string; readonly next: number; readonly bytes: number },
): unknown {
  const { path, next, bytes } = where;
  if (!(error instanceof Error)) return error;
  const details = { path, cause: error };
  if ('syscall' in error) {
    return new DataError(
      `${path}: must be an archive, but cannot be read. Check the path.`,
      details,
    );
  }
  const what =
    error.message === TRUNCATED
      ? `it ends at byte ${bytes}`
      : `a header is damaged at or after byte ${next}`;
  return new DataError(
    `${path}: must be a complete archive, but ${what}. Copy it again, or create it again.`,
    details,
  );
}
