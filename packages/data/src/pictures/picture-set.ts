import { freemem } from 'node:os';
import type { ProgressListener } from '@janus/core';
import { decodeImages } from './images.js';
import { findPack, packedSource } from '../storage/packed-read.js';
import { fileSource, readPicture, type SharedSource } from './picture-source.js';

/** Pictures of one size, in memory or not. */
export interface PictureSet {
  readonly ids: readonly string[];
  /** Side in pixels. */
  readonly size: number;
  readonly source: SharedSource;
}

/** Options of {@link openPictures}. */
export interface OpenPicturesOptions {
  /** Side of the square pictures in pixels. */
  readonly size: number;
  /** The data folder that they are of, which may hold a pack; left out: none does. */
  readonly folder?: string;
  /** Bytes of pixels that may be held; default half of the memory that is free. */
  readonly memoryBytes?: number;
  readonly report?: ProgressListener;
  /** Told in one line where pictures come from, when that is not plain decoding. */
  readonly line?: (text: string) => void;
}

/** Of the memory that is free, what pixels may take. */
const MEMORY_SHARE = 0.5;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/**
 * Returns pictures to train on: read from the data folder's pack where it has a fresh one, else decoded
 * once and kept in memory, else, when they are too many for that, decoded whenever they are wanted. The
 * pixels are the same in all three.
 *
 * @throws DataError when one cannot be decoded, or the pack is damaged
 */
export async function openPictures(
  items: readonly { readonly id: string; readonly path: string }[],
  options: OpenPicturesOptions,
): Promise<PictureSet> {
  const { size, folder, report, line } = options;
  const ids = items.map(({ id }) => id);
  if (folder !== undefined) {
    const found = await findPack(folder, size);
    const again = `Run \`npx janus data pack ${folder} --size ${size}\` to read instead.`;
    if (found.state === 'fresh') {
      line?.(`Pictures: ${ids.length} from ${found.pack.folder}`);
      return { ids, size, source: packedSource(found, ids) };
    }
    if (found.state === 'stale') {
      line?.(`Pictures: the pack of ${size} px is stale, ${found.reason}; decoding. ${again}`);
    }
  }
  const paths = items.map(({ path }) => path);
  const bytes = ids.length * size ** 2 * 3;
  const { memoryBytes = MEMORY_SHARE * freemem() } = options;
  if (bytes > memoryBytes) {
    const pack =
      folder === undefined ? '' : ` \`npx janus data pack ${folder} --size ${size}\` is quicker.`;
    line?.(
      `Pictures: ${ids.length} of ${size} px take ${megabytes(bytes)}, more than the memory for them (${megabytes(memoryBytes)}); decoding in every epoch.${pack}`,
    );
    return { ids, size, source: fileSource(paths) };
  }
  const pixels = await decodeImages(paths, size, report === undefined ? {} : { report });
  return { ids, size, source: { kind: 'memory', pixels } };
}

/**
 * Returns pictures as one array: the set's own where it is in memory.
 *
 * @returns uint8 [N, size, size, 3], in the order of `ids`
 */
export async function pixelsOf({ ids, size, source }: PictureSet): Promise<Uint8Array> {
  if (source.kind === 'memory') return source.pixels;
  const bytes = size * size * 3;
  const pixels = new Uint8Array(ids.length * bytes);
  for (let i = 0; i < ids.length; i++) {
    await readPicture(source, i, { size, target: pixels.subarray(i * bytes, (i + 1) * bytes) });
  }
  return pixels;
}

/** Returns the first pictures of a set. */
export function firstOf({ ids, size, source }: PictureSet, count: number): PictureSet {
  return { ids: ids.slice(0, count), size, source };
}
