/** Sheets of images as PNG files: contact sheets, and the rows of the paper's Figure 6. */
import { OptionsError } from '@janus/core';
import sharp from 'sharp';
import { PALETTE } from './theme.js';
import { badgeTile, LINE_HEIGHT, textTile, tileOf, type SheetImage } from './tiles.js';

export type { SheetImage } from './tiles.js';

/** What a coloured frame says of an image; each also has a sign, for eyes that see no red. */
export type SheetFrame = 'right' | 'wrong' | 'none';

/** What {@link contactSheet} lays out. */
export interface ContactSheetOptions {
  readonly images: readonly SheetImage[];
  /** One an image; lines are split at `\n`, long ones cut. Default: none. */
  readonly captions?: readonly string[];
  /** One an image; default `none`. */
  readonly frames?: readonly SheetFrame[];
  /** Default: 8, or fewer where there are fewer images. */
  readonly columns?: number;
  /** Side of an image in pixels; default 128. */
  readonly cellSize?: number;
  /** A heading above the sheet. */
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

/** Images decoded at once: enough for two cores, small in memory. */
const AT_ONCE = 16;

async function tilesOf(images: readonly SheetImage[], size: number): Promise<readonly Buffer[]> {
  const tiles: Buffer[] = [];
  for (let i = 0; i < images.length; i += AT_ONCE) {
    const some = images.slice(i, i + AT_ONCE);
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

function wholeSize(where: string, cellSize: number): void {
  if (!Number.isInteger(cellSize) || cellSize < 16 || cellSize > 1024) {
    throw new OptionsError(
      `${where}: cellSize must be whole pixels from 16 to 1024, but got ${cellSize}. Use 128.`,
    );
  }
}

/**
 * Returns a sheet of images with captions, in rows, as PNG. Green and vermilion frames mark
 * right and wrong; an image that cannot be decoded is a crossed-out tile.
 *
 * @throws OptionsError when there is no image, or captions or frames are not one an image
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
        `contactSheet: ${name} must be one an image (${images.length}), but got ${list.length}. Use '' or none for an image without.`,
      );
    }
  }
  wholeSize('contactSheet', cellSize);
  const columns = options.columns ?? Math.min(SHEET_DEFAULTS.columns, images.length);
  if (!Number.isInteger(columns) || columns < 1) {
    throw new OptionsError(
      `contactSheet: columns must be a whole number from 1, but got ${columns}. Leave it out.`,
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

/** What {@link figureSix} lays out: as many fakes (and cycled ones) as originals. */
export interface FigureSixOptions {
  readonly originals: readonly SheetImage[];
  readonly fakes: readonly SheetImage[];
  /** The fakes translated back: a third row. */
  readonly cycled?: readonly SheetImage[];
  /** Words before the rows; default `original`, `fake`, `cycled`. */
  readonly rowLabels?: readonly string[];
  /** Words under the columns, one an image: what the judge says of it. */
  readonly captions?: readonly string[];
  /** Side of an image in pixels; default 128. */
  readonly cellSize?: number;
  readonly title?: string;
}

/**
 * Returns the paper's Figure 6 as PNG: a row of originals, below it the row of their fakes, and
 * below that, where given, the fakes translated back.
 *
 * @throws OptionsError when the rows differ in length or are empty
 */
export async function figureSix(options: FigureSixOptions): Promise<Buffer> {
  const { originals, fakes, cycled, captions, title, cellSize = SHEET_DEFAULTS.cellSize } = options;
  const rows = cycled === undefined ? [originals, fakes] : [originals, fakes, cycled];
  if (originals.length === 0 || rows.some((row) => row.length !== originals.length)) {
    throw new OptionsError(
      `figureSix: every row must hold as many images as originals, and at least one, but got ${rows.map((row) => row.length).join(', ')}. Translate each original once.`,
    );
  }
  wholeSize('figureSix', cellSize);
  const labels = options.rowLabels ?? ['original', 'fake', 'cycled'];
  const font = Math.max(11, Math.min(17, Math.round(cellSize / 9)));
  const gap = Math.max(3, Math.round(cellSize / 32));
  const margin = Math.max(8, Math.round(cellSize / 12));
  const longest = Math.max(
    ...labels
      .slice(0, rows.length)
      .flatMap((label) => label.split('\n').map((line) => line.length)),
  );
  const labelWidth = Math.round(Math.min(cellSize * 1.6, longest * font * 0.62 + 12));
  const heading = title === undefined ? 0 : Math.ceil(font * 2.4);
  const lines = Math.max(0, ...(captions ?? []).map((each) => each.split('\n').length));
  const captionHeight = lines === 0 ? 0 : Math.ceil(lines * LINE_HEIGHT * (font - 2)) + 6;
  const width = 2 * margin + labelWidth + originals.length * (cellSize + gap) - gap;
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
  for (const [i, row] of rows.entries()) {
    const top = heading + margin + i * (cellSize + gap);
    const label = {
      width: labelWidth,
      height: cellSize,
      size: font,
      weight: 600,
      align: 'left',
    } as const;
    parts.push({ input: textTile(labels[i] ?? '', label), left: margin, top });
    const tiles = await tilesOf(row, cellSize);
    tiles.forEach((input, j) => {
      parts.push({ input, left: margin + labelWidth + j * (cellSize + gap), top });
    });
  }
  const bottom = heading + margin + rows.length * (cellSize + gap);
  if (captionHeight > 0) {
    originals.forEach((_, j) => {
      const input = textTile(captions?.[j] ?? '', {
        width: cellSize,
        height: captionHeight,
        size: font - 2,
      });
      parts.push({ input, left: margin + labelWidth + j * (cellSize + gap), top: bottom });
    });
  }
  return paste({ width, height: bottom + captionHeight - gap + margin, parts });
}
