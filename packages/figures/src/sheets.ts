/** Sheets of images as PNG files: contact sheets, and originals above their translations. */
import { OptionsError } from '@janus/core';
import sharp from 'sharp';
import { PALETTE } from './theme.js';
import { badgeTile, LINE_HEIGHT, textTile, tileOf, type SheetImage } from './tiles.js';

/** The coloured frame of an image; each also has a sign, for readers who cannot tell the colours apart. */
export type SheetFrame = 'right' | 'wrong' | 'none';

/** Options of {@link contactSheet}. */
export interface ContactSheetOptions {
  readonly images: readonly SheetImage[];
  /** One per image; lines are split at `\n`, and long ones truncated. Default: none. */
  readonly captions?: readonly string[];
  /** One per image; default `none`. */
  readonly frames?: readonly SheetFrame[];
  /** Images per row; default 8, or fewer where there are fewer images. */
  readonly columns?: number;
  /** Side of an image in pixels, 16 to 1024; default 128. */
  readonly cellSize?: number;
  /** Heading above the sheet; default none. */
  readonly title?: string;
}

/** Defaults of {@link contactSheet} and {@link figureSix}. */
export const SHEET_DEFAULTS: { readonly columns: number; readonly cellSize: number } = {
  columns: 8,
  cellSize: 128,
};

const FRAME_COLOURS: Readonly<Record<Exclude<SheetFrame, 'none'>, string>> = {
  right: PALETTE.green,
  wrong: PALETTE.vermilion,
};

/** Images decoded at a time: keeps the cores busy and memory small. */
const CONCURRENT_IMAGES = 16;

async function tilesOf(images: readonly SheetImage[], size: number): Promise<readonly Buffer[]> {
  const tiles: Buffer[] = [];
  for (let i = 0; i < images.length; i += CONCURRENT_IMAGES) {
    const some = images.slice(i, i + CONCURRENT_IMAGES);
    tiles.push(...(await Promise.all(some.map((source) => tileOf(source, size)))));
  }
  return tiles;
}

interface Sheet {
  readonly width: number;
  readonly height: number;
  readonly parts: readonly sharp.OverlayOptions[];
}

async function paste(sheet: Sheet): Promise<Buffer> {
  return sharp({
    create: { width: sheet.width, height: sheet.height, channels: 3, background: '#ffffff' },
  })
    .composite([...sheet.parts])
    .png({ compressionLevel: 9 })
    .toBuffer();
}

const block = (width: number, height: number, colour: string): sharp.OverlayOptions['input'] => ({
  create: { width, height, channels: 3, background: colour },
});

function checkCellSize(where: string, cellSize: number): void {
  if (!Number.isInteger(cellSize) || cellSize < 16 || cellSize > 1024) {
    throw new OptionsError(
      `${where}: cellSize must be whole pixels from 16 to 1024, but got ${cellSize}. Use 128.`,
    );
  }
}

/**
 * Lays out images with captions in rows. Green and vermilion frames mark right and wrong; an image that
 * cannot be decoded becomes a crossed-out tile.
 *
 * @returns the bytes of a PNG file
 * @throws OptionsError when `images` is empty, a size is out of range, or captions or frames are not one per
 * image
 * @throws DataError when pixels do not match their size
 */
export async function contactSheet(options: ContactSheetOptions): Promise<Buffer> {
  const { images, captions, frames, title, cellSize = SHEET_DEFAULTS.cellSize } = options;
  if (images.length === 0) {
    throw new OptionsError(
      'contactSheet: images must hold at least one image, but got none. Choose other rows.',
    );
  }
  for (const [name, list] of Object.entries({ captions, frames })) {
    if (list !== undefined && list.length !== images.length) {
      throw new OptionsError(
        `contactSheet: ${name} must have one entry per image (${images.length}), but got ${list.length}. Use '' or none for an image without.`,
      );
    }
  }
  checkCellSize('contactSheet', cellSize);
  const columns = options.columns ?? Math.min(SHEET_DEFAULTS.columns, images.length);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new OptionsError(
      `contactSheet: columns must be a whole number of at least 1, but got ${columns}. Leave it out for the default.`,
    );
  }
  const frame =
    frames?.some((each) => each !== 'none') === true ? Math.max(3, Math.round(cellSize / 32)) : 0;
  const gap = Math.max(6, Math.round(cellSize / 14));
  const font = Math.max(10, Math.min(15, Math.round(cellSize / 10)));
  const lines = Math.max(
    0,
    ...(captions ?? []).map((each) => (each === '' ? 0 : each.split('\n').length)),
  );
  const captionHeight = lines === 0 ? 0 : Math.ceil(lines * LINE_HEIGHT * font) + 4;
  const heading = title === undefined ? 0 : Math.ceil(font * 2.6);
  const cell = cellSize + 2 * frame;
  const rows = Math.ceil(images.length / columns);
  const width = columns * cell + (columns + 1) * gap;
  const tiles = await tilesOf(images, cellSize);
  const parts: sharp.OverlayOptions[] = [];
  if (title !== undefined) {
    const input = textTile(title, {
      width: width - 2 * gap,
      height: heading,
      size: Math.round(font * 1.25),
      weight: 600,
      align: 'left',
    });
    parts.push({ input, left: gap, top: Math.round(gap / 2) });
  }
  tiles.forEach((tile, i) => {
    const left = gap + (i % columns) * (cell + gap);
    const top = heading + gap + Math.floor(i / columns) * (cell + captionHeight + gap);
    const kind = frames?.[i] ?? 'none';
    if (kind !== 'none') parts.push({ input: block(cell, cell, FRAME_COLOURS[kind]), left, top });
    parts.push({ input: tile, left: left + frame, top: top + frame });
    if (kind !== 'none') {
      const badge = Math.max(12, Math.round(cellSize / 6));
      const corner = cell - badge;
      const input = badgeTile(kind, { size: badge, colour: FRAME_COLOURS[kind] });
      parts.push({ input, left: left + corner, top });
    }
    const caption = captions?.[i] ?? '';
    if (caption === '') return;
    const input = textTile(caption, {
      width: cell,
      height: captionHeight,
      size: font,
    });
    parts.push({ input, left, top: top + cell });
  });
  return paste({
    width,
    height: heading + gap + rows * (cell + captionHeight + gap),
    parts,
  });
}

/** Options of {@link figureSix}. */
export interface FigureSixOptions {
  readonly originals: readonly SheetImage[];
  /** The translation of each original. */
  readonly fakes: readonly SheetImage[];
  /** Each fake translated back, as a third row; default none. */
  readonly cycled?: readonly SheetImage[];
  /** Labels of the rows; default `original`, `fake`, `cycled`. */
  readonly rowLabels?: readonly string[];
  /** Texts under the columns, such as the judge's verdict on each fake; default none. */
  readonly captions?: readonly string[];
  /** Side of an image in pixels, 16 to 1024; default 128. */
  readonly cellSize?: number;
  /** Heading above the rows; default none. */
  readonly title?: string;
}

/**
 * Lays out originals, below them their fakes and, where given, the fakes translated back: Figure 6 of the
 * course paper that Janus began with.
 *
 * @returns the bytes of a PNG file
 * @throws OptionsError when the rows differ in length or are empty, or the size is out of range
 * @throws DataError when pixels do not match their size
 */
export async function figureSix(options: FigureSixOptions): Promise<Buffer> {
  const { originals, fakes, cycled, rowLabels, ...rest } = options;
  const rows = cycled === undefined ? [originals, fakes] : [originals, fakes, cycled];
  if (originals.length === 0 || rows.some((row) => row.length !== originals.length)) {
    throw new OptionsError(
      `figureSix: every row must have one image per original, and at least one, but got ${rows.map((row) => row.length).join(', ')}. Translate each original once.`,
    );
  }
  checkCellSize('figureSix', options.cellSize ?? SHEET_DEFAULTS.cellSize);
  const labels = rowLabels ?? ['original', 'fake', 'cycled'];
  return await imageRows({
    ...rest,
    rows: rows.map((images, i) => ({ label: labels[i] ?? '', images })),
  });
}

/** Options of {@link imageRows}. */
export interface ImageRowsOptions {
  /** Rows with the text at their left; all have the same number of images. */
  readonly rows: readonly { readonly label: string; readonly images: readonly SheetImage[] }[];
  /** Texts under the columns; default none. */
  readonly captions?: readonly string[];
  /** Side of an image in pixels, 16 to 1024; default 128. */
  readonly cellSize?: number;
  /** Heading above the rows; default none. */
  readonly title?: string;
}

/**
 * Lays out rows of images, each with a label.
 *
 * @returns the bytes of a PNG file
 * @throws OptionsError when the rows differ in length or are empty, or the size is out of range
 * @throws DataError when pixels do not match their size
 */
export async function imageRows(options: ImageRowsOptions): Promise<Buffer> {
  const { rows, captions, title, cellSize = SHEET_DEFAULTS.cellSize } = options;
  const columns = rows[0]?.images.length ?? 0;
  if (columns === 0 || rows.some(({ images }) => images.length !== columns)) {
    throw new OptionsError(
      `imageRows: every row must have the same number of images, and at least one, but got ${rows.map(({ images }) => images.length).join(', ') || 'no row'}. Choose other images.`,
    );
  }
  checkCellSize('imageRows', cellSize);
  const font = Math.max(11, Math.min(17, Math.round(cellSize / 9)));
  const gap = Math.max(3, Math.round(cellSize / 32));
  const margin = Math.max(8, Math.round(cellSize / 12));
  const longest = Math.max(
    ...rows.flatMap(({ label }) => label.split('\n').map((line) => line.length)),
  );
  const labelWidth = Math.round(Math.min(cellSize * 1.6, longest * font * 0.62 + 12));
  const heading = title === undefined ? 0 : Math.ceil(font * 2.4);
  const lines = Math.max(0, ...(captions ?? []).map((each) => each.split('\n').length));
  const captionHeight = lines === 0 ? 0 : Math.ceil(lines * LINE_HEIGHT * (font - 2)) + 6;
  const width = 2 * margin + labelWidth + columns * (cellSize + gap) - gap;
  const parts: sharp.OverlayOptions[] = [];
  if (title !== undefined) {
    const input = textTile(title, {
      width: width - 2 * margin,
      height: heading,
      size: font + 2,
      weight: 600,
      align: 'left',
    });
    parts.push({ input, left: margin, top: Math.round(margin / 2) });
  }
  for (const [i, { label: text, images }] of rows.entries()) {
    const top = heading + margin + i * (cellSize + gap);
    const label = {
      width: labelWidth,
      height: cellSize,
      size: font,
      weight: 600,
      align: 'left',
    } as const;
    parts.push({ input: textTile(text, label), left: margin, top });
    const tiles = await tilesOf(images, cellSize);
    tiles.forEach((input, j) => {
      parts.push({ input, left: margin + labelWidth + j * (cellSize + gap), top });
    });
  }
  const bottom = heading + margin + rows.length * (cellSize + gap);
  if (captionHeight > 0) {
    captions?.forEach((caption, j) => {
      const input = textTile(caption, {
        width: cellSize,
        height: captionHeight,
        size: font - 2,
      });
      parts.push({ input, left: margin + labelWidth + j * (cellSize + gap), top: bottom });
    });
  }
  return paste({ width, height: bottom + captionHeight - gap + margin, parts });
}
