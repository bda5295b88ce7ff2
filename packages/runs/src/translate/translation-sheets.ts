/** Sheets that show originals beside their translations. */
import { basename, join } from 'node:path';
import { contactSheet, type SheetImage } from '@janus/figures';
import { writeDescribedPng, type Provenance } from '@janus/images';

/** The images of one original, as files. */
export interface SheetRow {
  readonly file: string;
  readonly out: string;
  readonly cycle?: string;
  readonly difference?: string;
}

/** Rows on a sheet. */
const ROWS = 12;
/** Side of an image on a sheet in pixels. */
const CELL = 192;

/**
 * Writes `sheet.png` into a folder, or, for more than 12 originals, `sheet-001.png` and so on: a row for each original
 * with its translation, and with what else was written for it.
 *
 * @returns the paths of the sheets
 */
export async function writeTranslationSheets(
  folder: string,
  rows: readonly SheetRow[],
  { title, provenance }: { readonly title: string; readonly provenance: Provenance },
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (let from = 0; from < rows.length; from += ROWS) {
    const some = rows.slice(from, from + ROWS).map(cellsOf);
    const number = String(from / ROWS + 1).padStart(3, '0');
    const path = join(folder, rows.length > ROWS ? `sheet-${number}.png` : 'sheet.png');
    const cells = some.flat();
    const sheet = await contactSheet({
      images: cells.map(({ image }) => image),
      captions: cells.map(({ caption }) => caption),
      columns: some[0]?.length ?? 1,
      ...{ cellSize: CELL, title },
    });
    await writeDescribedPng(path, sheet, provenance);
    paths.push(path);
  }
  return paths;
}

interface Cell {
  readonly image: SheetImage;
  readonly caption: string;
}

function cellsOf({ file, out, cycle, difference }: SheetRow): readonly Cell[] {
  return [
    { image: file, caption: basename(file) },
    { image: out, caption: 'translated' },
    ...(cycle === undefined ? [] : [{ image: cycle, caption: 'and back' }]),
    ...(difference === undefined ? [] : [{ image: difference, caption: 'change' }]),
  ];
}
