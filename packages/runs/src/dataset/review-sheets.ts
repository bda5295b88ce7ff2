/** Sheets of a data set's images for a person to check; of any number of rows. */

import { join } from 'node:path';
import { streamOf, writeFileAtomic } from '@janus/core';
import { hashDistance, imagePathOf, manifestChunks, type ManifestRow } from '@janus/data';
import { contactSheet } from '@janus/figures';

/** What {@link writeDataSheets} draws. */
export interface DataSheetsOptions {
  /** Where the sheets go. */
  readonly out: string;
  /** Most images on a sheet. */
  readonly count: number;
  /** Column that the images are sorted and captioned by; default: the reason, or none. */
  readonly by?: string;
  /** Which images are drawn from many; default 1. */
  readonly seed?: number;
}

/** A sheet that was drawn. */
export interface DataSheet {
  readonly file: string;
  /** Images of this kind, of which `shown` are on the sheet. */
  readonly rows: number;
  readonly shown: number;
  /** What is drawn, row by row of the sheet; images that others are like stand behind them. */
  readonly ids: readonly string[];
  /** Null on the sheets of all that was kept, or removed. */
  readonly reason: string | null;
}

const COLUMNS = 10;
const CELL_SIZE = 96;

/** Reasons that name another image, which is drawn beside. */
const PAIRED = new Set(['duplicate', 'near duplicate', 'conflicting labels']);

/** A sample of some rows, each equally likely to be in it (Vitter 1985, algorithm R). */
interface Sample {
  seen: number;
  readonly rows: ManifestRow[];
  readonly random: ReturnType<typeof streamOf>;
}

function offer(sample: Sample, row: ManifestRow, most: number): void {
  sample.seen += 1;
  if (sample.rows.length < most) sample.rows.push(row);
  else {
    const place = sample.random.integer(sample.seen);
    if (place < most) sample.rows[place] = row;
  }
}

/**
 * Draws `kept.png`, `removed.png`, and a sheet of every reason, `removed-<reason>.png`: chosen at random
 * where there are more than fit. Same images lie side by side with the one that they are like.
 */
export async function writeDataSheets(
  folder: string,
  options: DataSheetsOptions,
): Promise<readonly DataSheet[]> {
  const { out, count, by, seed = 1 } = options;
  const samples = await sampleRows(folder, { count, seed, by });
  const sheets: DataSheet[] = [];
  for (const [key, { rows, seen }] of samples) {
    if (rows.length === 0) continue;
    const reason = reasonOfKey(key);
    const file = join(out, fileOf(key));
    const paired = reason !== null && PAIRED.has(reason);
    const shown = paired ? rows.slice(0, Math.max(1, Math.floor(count / 2))) : rows;
    const others = paired ? await likesOf(folder, shown) : null;
    const captionOf = (row: ManifestRow): string =>
      by === undefined ? (key === 'removed' ? (row.reason ?? '') : '') : text(row.labels[by]);
    const tiles =
      others === null
        ? [...shown]
            .map((row) => ({ row, caption: captionOf(row) }))
            .sort((a, b) => (a.caption < b.caption ? -1 : a.caption > b.caption ? 1 : 0))
        : shown.flatMap((row, i) => pairOf(row, others[i], by));
    const title = `${reason === null ? key : `removed: ${reason}`} (${shown.length} of ${seen})`;
    const png = await contactSheet({
      images: tiles.map(({ row }) => imagePathOf(folder, row.path)),
      captions: tiles.map(({ caption }) => caption),
      columns: Math.min(COLUMNS, Math.max(tiles.length, 4)),
      cellSize: CELL_SIZE,
      title,
    });
    await writeFileAtomic(file, png);
    sheets.push({
      file,
      rows: seen,
      shown: shown.length,
      ids: tiles.map(({ row }) => row.id),
      reason,
    });
  }
  return sheets;
}

const REMOVED = 'removed: ';

const reasonOfKey = (key: string): string | null =>
  key.startsWith(REMOVED) ? key.slice(REMOVED.length) : null;

function fileOf(key: string): string {
  const plain = key.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `${plain.replace(/^-|-$/g, '')}.png`;
}

const text = (cell: string | number | null | undefined): string => String(cell ?? '');

/** Draws a sample of kept rows, of removed ones, and of those of each reason, in one pass. */
async function sampleRows(
  folder: string,
  { count, seed, by }: { count: number; seed: number; by: string | undefined },
): Promise<ReadonlyMap<string, Sample>> {
  const samples = new Map<string, Sample>();
  const sampleOf = (key: string): Sample => {
    const known = samples.get(key);
    if (known !== undefined) return known;
    const made: Sample = { seen: 0, rows: [], random: streamOf(seed, 'sheet', key) };
    samples.set(key, made);
    return made;
  };
  sampleOf('kept');
  sampleOf('removed');
  const columns = ['id', 'path', 'sha256', 'phash', 'status', 'reason'];
  for await (const rows of manifestChunks(folder, {
    columns: by === undefined ? columns : [...columns, by],
  })) {
    for (const row of rows) {
      // Without a file there is nothing to look at.
      if (row.path === '') continue;
      offer(sampleOf(row.status), row, count);
      if (row.status === 'removed') {
        offer(sampleOf(`${REMOVED}${row.reason ?? 'no reason'}`), row, count);
      }
    }
  }
  return samples;
}

interface Like {
  readonly row: ManifestRow;
  readonly distance: number;
}

/**
 * Returns, of each row, the row whose perceptual hash is nearest: a kept one before others, the same bytes
 * before equal hashes.
 */
async function likesOf(
  folder: string,
  rows: readonly ManifestRow[],
): Promise<readonly (Like | undefined)[]> {
  const hashes = rows.map(({ phash }) => (phash === null ? null : BigInt(`0x${phash}`)));
  const best = rows.map((): (Like & { readonly rank: number }) | undefined => undefined);
  const columns = ['id', 'path', 'sha256', 'phash', 'status', 'reason'];
  for await (const others of manifestChunks(folder, { columns, where: 'phash IS NOT NULL' })) {
    for (const other of others) {
      const hash = BigInt(`0x${other.phash ?? '0'}`);
      hashes.forEach((own, i) => {
        const row = rows[i];
        if (own === null || row === undefined || row.id === other.id) return;
        const distance = hashDistance(own, hash);
        const rank =
          distance +
          (other.sha256 === row.sha256 ? 0 : 0.5) +
          (other.status === 'kept' || row.reason === 'conflicting labels' ? 0 : 0.25);
        if (rank < (best[i]?.rank ?? Infinity)) best[i] = { row: other, distance, rank };
      });
    }
  }
  return best;
}

function pairOf(
  row: ManifestRow,
  like: Like | undefined,
  by: string | undefined,
): readonly { readonly row: ManifestRow; readonly caption: string }[] {
  const of = (each: ManifestRow): string => (by === undefined ? '' : text(each.labels[by]));
  const own = { row, caption: of(row) };
  if (like === undefined) return [{ ...own, caption: 'alone' }];
  const same = like.row.sha256 === row.sha256 ? 'same bytes' : `${like.distance} bits`;
  return [own, { row: like.row, caption: `${like.row.status}, ${same}` }];
}
