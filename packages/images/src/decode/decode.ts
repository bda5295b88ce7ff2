import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { DataError } from '@janus/core';
import sharp from 'sharp';
import { jpegHeader, type JpegHeader } from './jpeg-header.js';
import { middleSquare, resample, type ImageSize, type RgbImage } from './resample.js';
import { turnUpright } from './turn.js';

/** The part of `@napi-rs/image` that is used. */
interface ImageLibrary {
  readonly Transformer: new (bytes: Uint8Array) => { rawPixelsSync(): Uint8Array };
}

interface JpegDecoder {
  /** uint8, one or three channels, as the file has them. */
  readonly decode: (bytes: Uint8Array) => Uint8Array;
  readonly version: string;
}

const load = createRequire(import.meta.url);

/** Returns the quick decoder; undefined on a machine for which it has no binary. */
function loadJpegDecoder(): JpegDecoder | undefined {
  try {
    const { Transformer } = load('@napi-rs/image') as ImageLibrary;
    const { version } = load('@napi-rs/image/package.json') as { readonly version: string };
    return { decode: (bytes) => new Transformer(bytes).rawPixelsSync(), version };
  } catch {
    return undefined;
  }
}

/** Looked for once in each thread. */
let found: { readonly decoder: JpegDecoder | undefined } | undefined;

function jpegDecoder(): JpegDecoder | undefined {
  found ??= { decoder: loadJpegDecoder() };
  return found.decoder;
}

/** Everything that the pixels of a decoded image depend on, beside its file. */
export interface DecodeRecipe {
  /** Side in pixels. */
  readonly size: number;
  readonly crop: 'middle square';
  readonly kernel: 'lanczos3';
  readonly colour: 'sRGB, uint8, transparent on white';
  /** Libraries and versions. */
  readonly decoders: string;
}

/** Returns what {@link decodeImage} does on this machine: same record, same pixels. */
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

/** Where {@link decodeImage} puts pixels. */
export interface DecodeTarget {
  /** Side of the square in pixels. */
  readonly size: number;
  /** uint8 [size, size, 3]; made when it is left out. */
  readonly target?: Uint8Array;
  /** What an error calls the image; default: its path. */
  readonly name?: string;
}

/**
 * Returns an image as pixels: turned upright by its EXIF entry, greyscale and CMYK as RGB, what is
 * transparent on white, 16 bits as 8, cut to a square around its middle and scaled.
 *
 * @param source a file's path, or its bytes
 * @param how side of the square in pixels, or where the pixels go
 * @returns uint8 [size, size, 3], RGB
 * @throws DataError when it cannot be decoded
 */
export async function decodeImage(
  source: string | Uint8Array,
  how: number | DecodeTarget,
): Promise<Uint8Array> {
  const { size, target, name } = typeof how === 'number' ? { size: how } : how;
  try {
    const bytes = typeof source === 'string' ? await readFile(source) : source;
    const out = target ?? new Uint8Array(size * size * 3);
    if (!decodeQuickly(bytes, { size, target: out })) await decodeAny(bytes, size, out);
    return out;
  } catch (error) {
    const path = typeof source === 'string' ? source : name;
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new DataError(
      `${path ?? 'an image in memory'}: must be a whole image, but ${reason ?? 'it cannot be decoded'}. Run \`janus data clean\`, or remove it.`,
      { cause: error, ...(path === undefined ? {} : { path }) },
    );
  }
}

/**
 * From this scale on sharp decodes: libjpeg makes a smaller image out of fewer coefficients, which is
 * quicker than to make all pixels and throw most of them away.
 */
const SHRINK_ON_LOAD = 2;

const shrinks = ({ width, height }: ImageSize, size: number): boolean =>
  Math.min(width, height) >= SHRINK_ON_LOAD * size;

/** Whether the quick decoder reads it as sharp does: nothing unusual, and whole. */
const isPlain = (header: JpegHeader): boolean =>
  header.common &&
  header.precision === 8 &&
  header.colour !== 'other' &&
  !header.hasProfile &&
  header.ended;

/** Decodes a common JPEG file at once; returns false, without an error, for anything else. */
function decodeQuickly(
  bytes: Uint8Array,
  { size, target }: { readonly size: number; readonly target: Uint8Array },
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
    return false; // sharp says what is wrong, or reads it nevertheless
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

/** The square around the middle commutes with turning, and a small image is quicker to turn. */
function scaleUpright(
  image: RgbImage,
  how: { readonly size: number; readonly orientation: number; readonly target: Uint8Array },
): void {
  const { size, orientation, target } = how;
  const square = { width: size, height: size };
  if (orientation === 1) {
    resample(image, middleSquare(image), { ...square, target });
    return;
  }
  target.set(turnUpright(resample(image, middleSquare(image), square), size, orientation));
}

/** Decodes whatever sharp reads. */
async function decodeAny(bytes: Uint8Array, size: number, target: Uint8Array): Promise<void> {
  const image = sharp(bytes, { failOn: 'truncated' });
  const header = jpegHeader(bytes) ?? (await image.clone().metadata());
  const whole = image.rotate().flatten({ background: '#ffffff' }).toColourspace('srgb');
  const scaled = shrinks(header, size)
    ? whole.resize(size, size, { fit: 'cover', kernel: 'lanczos3' })
    : whole;
  const { data, info } = await scaled
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const pixels = channels === 3 ? data : replicated(data, channels);
  scaleUpright({ pixels, width, height }, { size, orientation: 1, target });
}

/** Returns RGB of the first of some channels. */
function replicated(raw: Uint8Array, channels = 1): Uint8Array {
  const pixels = new Uint8Array((raw.length / channels) * 3);
  for (let i = 0, o = 0; i < raw.length; i += channels) {
    const value = raw[i] ?? 0;
    pixels[o++] = value;
    pixels[o++] = value;
    pixels[o++] = value;
  }
  return pixels;
}
