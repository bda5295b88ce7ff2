/** The tiles of a sheet: images, text and badges. */
import { DataError } from '@janus/core';
import { createCanvas } from '@napi-rs/canvas';
import sharp from 'sharp';
import { INTER, measuringContext, registerFonts } from './fonts.js';

/**
 * An image on a sheet: the path of a file, the pixels of a square image, uint8 [size, size, 3], pixels with
 * their size, uint8 [height, width, 3], or the bytes of an encoded file.
 */
export type SheetImage =
  | string
  | Uint8Array
  | { readonly data: Uint8Array; readonly width: number; readonly height: number }
  | { readonly encoded: Uint8Array };

/** Opens an image for decoding; nothing is decoded yet. */
function open(source: SheetImage): sharp.Sharp {
  if (typeof source === 'string') return sharp(source, { failOn: 'none' });
  if (source instanceof Uint8Array) {
    const size = Math.round(Math.sqrt(source.length / 3));
    if (size === 0 || size * size * 3 !== source.length) {
      throw new DataError(
        `contactSheet: pixels must be uint8 [size, size, 3], but got ${source.length} bytes. Give { data, width, height }, or { encoded } for the bytes of a file.`,
      );
    }
    return sharp(source, { raw: { width: size, height: size, channels: 3 } });
  }
  if ('encoded' in source) return sharp(source.encoded, { failOn: 'none' });
  const { data, width, height } = source;
  if (width * height * 3 !== data.length) {
    throw new DataError(
      `contactSheet: pixels must be uint8 [height, width, 3], but got ${data.length} bytes for ${width} x ${height}. Leave out the alpha channel.`,
    );
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/**
 * Scales an image to fit a square and encodes it as PNG. Images that fit a whole number of times are
 * enlarged without interpolation. A file that cannot be decoded becomes a crossed-out tile, since sheets of
 * removed images have many.
 *
 * @param size side of the square in pixels
 * @throws DataError when pixels do not match their size
 */
export async function tileOf(source: SheetImage, size: number): Promise<Buffer> {
  const image = open(source);
  try {
    const { width, height } = await image.metadata();
    const whole = width <= size && height <= size && size % Math.max(width, height) === 0;
    return await image
      .rotate()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .resize(size, size, {
        fit: 'contain',
        background: '#eef0f3',
        kernel: whole ? 'nearest' : 'lanczos3',
      })
      .png({ compressionLevel: 3 })
      .toBuffer();
  } catch {
    return crossedTile(size);
  }
}

function crossedTile(size: number): Buffer {
  const canvas = createCanvas(size, size);
  const context = canvas.getContext('2d');
  context.fillStyle = '#eef0f3';
  context.fillRect(0, 0, size, size);
  context.strokeStyle = '#aab2bd';
  context.lineWidth = Math.max(1, size / 48);
  context.strokeRect(0.5, 0.5, size - 1, size - 1);
  context.beginPath();
  context.moveTo(size * 0.3, size * 0.3);
  context.lineTo(size * 0.7, size * 0.7);
  context.moveTo(size * 0.7, size * 0.3);
  context.lineTo(size * 0.3, size * 0.7);
  context.stroke();
  return canvas.toBuffer('image/png');
}

/** Draws a square badge with a white tick or cross, without a font, and encodes it as PNG. */
export function badgeTile(
  kind: 'right' | 'wrong',
  look: { readonly size: number; readonly colour: string },
): Buffer {
  const { size, colour } = look;
  const canvas = createCanvas(size, size);
  const context = canvas.getContext('2d');
  context.fillStyle = colour;
  context.fillRect(0, 0, size, size);
  context.strokeStyle = '#ffffff';
  context.lineWidth = size / 8;
  context.lineCap = 'round';
  context.beginPath();
  const strokes =
    kind === 'right'
      ? [[0.25, 0.52, 0.43, 0.7, 0.76, 0.3]]
      : [
          [0.3, 0.3, 0.7, 0.7],
          [0.7, 0.3, 0.3, 0.7],
        ];
  for (const points of strokes) {
    for (let i = 0; i < points.length; i += 2) {
      const [x, y] = [(points[i] ?? 0) * size, (points[i + 1] ?? 0) * size];
      if (i === 0) context.moveTo(x, y);
      else context.lineTo(x, y);
    }
  }
  context.stroke();
  return canvas.toBuffer('image/png');
}

/** Options of {@link textTile}. */
export interface TextTileOptions {
  /** Pixels of the tile. */
  readonly width: number;
  readonly height: number;
  /** Font size in pixels. */
  readonly size: number;
  /** Font weight; default 400. */
  readonly weight?: 400 | 600;
  /** `#rrggbb`; default the light theme's text. */
  readonly colour?: string;
  /** Default `center`. */
  readonly align?: 'left' | 'center';
}

/** Truncates text to `width` pixels, with an ellipsis. */
function fittedText(text: string, width: number, font: string): string {
  const context = measuringContext();
  context.font = font;
  if (context.measureText(text).width <= width) return text;
  let letters = Array.from(text);
  while (letters.length > 0 && context.measureText(`${letters.join('')}…`).width > width) {
    letters = letters.slice(0, -1);
  }
  return `${letters.join('').trimEnd()}…`;
}

/** Line height as a multiple of the font size. */
export const LINE_HEIGHT = 1.35;

/** Draws lines of text (split at `\n`), each truncated to fit, as a PNG with a transparent background. */
export function textTile(text: string, options: TextTileOptions): Buffer {
  const { width, height, size, weight = 400, colour = '#1c2430', align = 'center' } = options;
  registerFonts();
  const canvas = createCanvas(Math.max(1, width), Math.max(1, height));
  const context = canvas.getContext('2d');
  const font = `${weight} ${size}px ${INTER}`;
  context.font = font;
  context.fillStyle = colour;
  context.textAlign = align;
  context.textBaseline = 'middle';
  const lines = text.split('\n');
  const top = (height - lines.length * LINE_HEIGHT * size) / 2;
  lines.forEach((line, i) => {
    context.fillText(
      fittedText(line, width - 4, font),
      align === 'center' ? width / 2 : 2,
      top + (i + 0.5) * LINE_HEIGHT * size,
    );
  });
  return canvas.toBuffer('image/png');
}

/** JPEG quality of images in pages, of 100: faces show no blocks, and 300 of them are under 5 MB. */
const PAGE_QUALITY = 82;

/**
 * Returns an image as a `data:` address for a page: JPEG, its sides at most `size` pixels. A file that cannot be decoded
 * becomes a crossed-out tile.
 *
 * @throws DataError when pixels do not match their size
 */
export async function imageAddress(source: SheetImage, size: number): Promise<string> {
  const image = open(source);
  let bytes: Buffer;
  try {
    bytes = await image
      .rotate()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: PAGE_QUALITY })
      .toBuffer();
  } catch {
    return `data:image/png;base64,${crossedTile(size).toString('base64')}`;
  }
  return `data:image/jpeg;base64,${bytes.toString('base64')}`;
}
