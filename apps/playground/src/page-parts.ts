/** Bytes as script files: what a page that is opened from a folder may load. */
import type { PageBytes } from './page-data.js';

/** Bytes of a part: base64 makes 4 MiB of them, small enough to show progress and to be cached one by one. */
const PART_BYTES = 3 << 20;

/** A file of the page. */
export interface PageFile {
  /** Below the page's folder, with `/`. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Bytes with the files that hold them. */
export interface SplitBytes {
  readonly bytes: PageBytes;
  readonly files: readonly PageFile[];
}

/** Returns bytes as script files, each of which hands its part to `janusPart` of the page. */
export function splitBytes(name: string, content: Uint8Array): SplitBytes {
  const parts = Math.max(1, Math.ceil(content.length / PART_BYTES));
  const files = Array.from({ length: parts }, (_, i): PageFile => {
    const part = content.subarray(i * PART_BYTES, (i + 1) * PART_BYTES);
    const text = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64');
    return { path: `parts/${name}-${i}.js`, content: `janusPart("${text}");\n` };
  });
  return { bytes: { name, parts, bytes: content.length }, files };
}
