import { writeFileAtomic } from '@janus/core';
import { imagePathOf, type Dataset } from '@janus/data';
import { contactSheet } from '@janus/figures';

/** What a sheet shows. */
export interface SheetOptions {
  readonly status: 'kept' | 'removed';
  readonly count: number;
  /** Column that the images are sorted and captioned by; default: the reason, or none. */
  readonly by?: string;
}

/** Draws a sheet of images spread evenly over the rows; returns how many it shows. */
export async function writeSheet(
  dataset: Dataset,
  file: string,
  options: SheetOptions,
): Promise<number> {
  const { status, count, by } = options;
  const captionOf = (row: Dataset['rows'][number]): string =>
    by === undefined ? (row.reason ?? '') : String(row.labels[by] ?? '');
  const rows = dataset.rows
    .filter((row) => row.status === status)
    .map((row) => ({ row, caption: captionOf(row) }))
    .sort((a, b) => (a.caption < b.caption ? -1 : a.caption > b.caption ? 1 : 0));
  const step = Math.max(1, rows.length / count);
  const shown = Array.from(
    { length: Math.min(count, rows.length) },
    (_, i) => rows[Math.floor(i * step)],
  ).filter((each) => each !== undefined);
  if (shown.length === 0) return 0;
  const sheet = await contactSheet({
    images: shown.map(({ row }) => imagePathOf(dataset.folder, row.path)),
    captions: shown.map(({ caption }) => caption),
    columns: 10,
    cellSize: 96,
  });
  await writeFileAtomic(file, sheet);
  return shown.length;
}
