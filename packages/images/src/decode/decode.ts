import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import sharp from 'sharp';
import { pixelsOfSharp, replicated, undecodable, uprightSharp } from './decode-upright.js';
import { jpegHeader, type JpegHeader } from './jpeg-header.js';
import { middlePart, resample, type ImageSize, type RgbImage } from './resample.js';
import { bytesOf, sidesOf, type Sides } from './sides.js';
import { liesOnSide, turnUpright } from './turn.js';

/** The part of `@napi-rs/image` used here. */
interface ImageLibrary {
  readonly Transformer: new (bytes: Uint8Array) => { rawPixelsSync(): Uint8Array };
}

interface JpegDecoder {
  /** Returns uint8 [height, width, 1 or 3], with the file's own channels. */
  readonly decode: (bytes: Uint8Array) => Uint8Array;
  readonly version: string;
}

const load = createRequire(import.meta.url);

/** Loads the fast JPEG decoder; undefined on a platform it has no binary for. */
function loadJpegDecoder(): JpegDecoder | undefined {
  try {
    const { Transformer } = load('@napi-rs/image') as ImageLibrary;
    const { version } = load('@napi-rs/image/package.json') as { readonly version: string };
    return { decode: (bytes) => new Transformer(bytes).rawPixelsSync(), version };
  } catch {
    return undefined;
  }
}

/** Loaded once per thread. */
let found: { readonly decoder: JpegDecoder | undefined } | undefined;

function jpegDecoder(): JpegDecoder | undefined {
  found ??= { decoder: loadJpegDecoder() };
  return found.decoder;
}

/** Everything besides the file that decoded pixels depend on: the same recipe gives the same pixels. */
export interface DecodeRecipe {
  /** Side in pixels. */
  readonly size: number;
  readonly crop: 'middle square';
  readonly kernel: 'lanczos3';
  readonly colour: 'sRGB, uint8, transparent on white';
  /** Decoding libraries with their versions. */
  readonly decoders: string;
}

/**
 * Returns the recipe of {@link decodeImage} on this machine.
 *
 * @param size side of the square in pixels
 */
export function decodeRecipe(size: number): DecodeRecipe {
  const quick = jpegDecoder();
  const { sharp: version = '', vips = '' } = sharp.versions as Partial<Record<string, string>>;
  const decoders = [
    ...(quick === undefined ? [] : [`@napi-rs/image ${quick.version} (common JPEG)`]),
    `sharp ${version} (libvips ${vips})`,
  ].join(', ');
  return {
    size,
    crop: 'middle square',
    kernel: 'lanczos3',
    colour: 'sRGB, uint8, transparent on white',
    decoders,
  };
}

/** Options of {@link decodeImage}. */
export interface DecodeTarget extends Sides {
  /** uint8 [size, width, 3] that the pixels are written to; default: new memory. */
  readonly target?: Uint8Array;
  /** Name of the image in errors; default: its path. */
  readonly name?: string;
}

/**
 * Decodes an image: upright by its EXIF orientation, converted to 8-bit sRGB, transparency on white, cropped
 * to the square around its centre (of a size that is none: the largest part of its aspect), and scaled (Lanczos).
 *
 * @param source path of a file, or the file's bytes
 * @param how side of the square in pixels, or {@link DecodeTarget}
 * @returns uint8 [size, width, 3], RGB: `target` where one is given
 * @throws DataError when the file cannot be read or decoded, or is truncated
 */
export async function decodeImage(
  source: string | Uint8Array,
  how: number | DecodeTarget,
): Promise<Uint8Array> {
  const { target, name, ...sides } = typeof how === 'number' ? { size: how } : how;
  try {
    const bytes = typeof source === 'string' ? await readFile(source) : source;
    const out = target ?? new Uint8Array(bytesOf(sides));
    const size = sidesOf(sides);
    if (!decodeQuickly(bytes, { size, target: out })) await decodeAny(bytes, size, out);
    return out;
  } catch (error) {
    throw undecodable(typeof source === 'string' ? source : name, error);
  }
}

/**
 * From this reduction on sharp decodes: libjpeg then decodes to a smaller image from fewer coefficients,
 * which is faster than decoding every pixel and discarding most.
 */
const SHRINK_ON_LOAD = 2;

/** An image as it lies in its file. */
interface LyingImage extends ImageSize {
  readonly orientation?: number | undefined;
}

/** Returns the size that an image has before it is turned upright. */
const lying = ({ width, height }: ImageSize, orientation: number): ImageSize =>
  liesOnSide(orientation) ? { width: height, height: width } : { width, height };

function shrinks({ width, height, orientation = 1 }: LyingImage, size: ImageSize): boolean {
  const least = lying(size, orientation);
  return width >= SHRINK_ON_LOAD * least.width && height >= SHRINK_ON_LOAD * least.height;
}

/** Whether the fast decoder gives what sharp gives: a common kind of file, and not truncated. */
const isPlain = (header: JpegHeader): boolean =>
  header.common &&
  header.precision === 8 &&
  header.colour !== 'other' &&
  !header.hasProfile &&
  header.ended;

/** Decodes a common JPEG file with the fast decoder; returns false for anything else. */
function decodeQuickly(
  bytes: Uint8Array,
  { size, target }: { readonly size: ImageSize; readonly target: Uint8Array },
): boolean {
  const header = jpegHeader(bytes);
  if (header === undefined || !isPlain(header) || shrinks(header, size)) return false;
  const decoder = jpegDecoder();
  if (decoder === undefined) return false;
  const { width, height, orientation } = header;
  let raw: Uint8Array;
  try {
    raw = decoder.decode(bytes);
  } catch {
    return false; // sharp reads it nevertheless, or says what is wrong
  }
  const pixels =
    raw.length === width * height * 3
      ? raw
      : raw.length === width * height
        ? replicated(raw)
        : undefined;
  if (pixels === undefined) return false;
  scaleUpright({ pixels, width, height }, { size, orientation, target });
  return true;
}

/** Scales, then turns upright: the central part is the same either way, and a small image turns faster. */
function scaleUpright(
  image: RgbImage,
  how: { readonly size: ImageSize; readonly orientation: number; readonly target: Uint8Array },
): void {
  const { size, orientation, target } = how;
  if (orientation === 1) {
    resample(image, middlePart(image, size), { ...size, target });
    return;
  }
  const before = lying(size, orientation);
  const pixels = resample(image, middlePart(image, before), before);
  target.set(turnUpright({ pixels, ...before }, orientation));
}

/** Decodes any format that sharp reads. */
async function decodeAny(bytes: Uint8Array, size: ImageSize, target: Uint8Array): Promise<void> {
  const header = jpegHeader(bytes) ?? (await sharp(bytes, { failOn: 'truncated' }).metadata());
  const whole = uprightSharp(bytes);
  const image = await pixelsOfSharp(
    shrinks(header, size) ? whole.resize({ ...size, fit: 'cover', kernel: 'lanczos3' }) : whole,
  );
  scaleUpright(image, { size, orientation: 1, target });
}
