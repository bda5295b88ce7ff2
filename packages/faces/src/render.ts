import { OptionsError, streamOf } from '@janus/core';
import sharp from 'sharp';
import type { Face } from './attributes.js';
import { drawFace } from './face.js';

/** Options of {@link renderFace}. */
export interface RenderFaceOptions {
  /** Side in pixels, 32 to 512. */
  readonly size: number;
  /** Default `jpeg`, the usual format of photos. */
  readonly format?: 'jpeg' | 'png';
}

/**
 * Checks the side of a generated image.
 *
 * @param where the caller's name, for the message
 * @param size pixels
 * @throws OptionsError unless it is a whole number from 32 to 512
 */
export function checkFaceSize(where: string, size: number): void {
  if (!Number.isInteger(size) || size < 32 || size > 512) {
    throw new OptionsError(
      `${where}: size must be whole pixels from 32 to 512, but got ${size}. Use 64 or 128.`,
    );
  }
}

/**
 * Renders a face as a photo: every third slightly out of focus, all with sensor noise.
 *
 * @param size side in pixels, 32 to 512
 * @returns uint8 [size, size, 3], RGB
 * @throws OptionsError when the size is out of range
 */
export async function renderFacePixels(face: Face, size: number): Promise<Uint8Array> {
  checkFaceSize('renderFace', size);
  const { seed, person, image } = face.key;
  const camera = streamOf(seed, 'face', 'camera', person, image);
  const focus = camera.next();
  const drawn = sharp(Buffer.from(drawFace(face, size))).removeAlpha();
  // One image in three is blurred; the radius grows with the image's size.
  if (focus > 0.67) drawn.blur(0.3 + ((focus - 0.67) * size) / 128);
  const { data, info } = await drawn.raw().toBuffer({ resolveWithObject: true });
  const strength = 2 + 7 * camera.next();
  for (let i = 0; i < data.length; i += info.channels) {
    // The same noise on all channels; the sum of two uniform draws is close enough to a Gaussian.
    const grain = (camera.next() + camera.next() - 1) * strength;
    for (let c = 0; c < 3; c++) {
      data[i + c] = Math.max(0, Math.min(255, Math.round((data[i + c] ?? 0) + grain)));
    }
  }
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}

/**
 * Renders a face to an image file. The bytes depend on the face and the options alone.
 *
 * @throws OptionsError when the size is out of range
 */
export async function renderFace(
  face: Face,
  { size, format = 'jpeg' }: RenderFaceOptions,
): Promise<Buffer> {
  const pixels = await renderFacePixels(face, size);
  const { seed, person, image } = face.key;
  const quality = 86 + streamOf(seed, 'face', 'jpeg', person, image).integer(9);
  return await encodeImage(pixels, { size, format, quality });
}

/**
 * Encodes pixels as an image file.
 *
 * @param pixels uint8 [size, size, 3], RGB
 * @param file side in pixels, format, and JPEG quality from 1 to 100
 */
export async function encodeImage(
  pixels: Uint8Array,
  file: { readonly size: number; readonly format: 'jpeg' | 'png'; readonly quality: number },
): Promise<Buffer> {
  const { size } = file;
  const image = sharp(pixels, { raw: { width: size, height: size, channels: 3 } });
  return await (file.format === 'png'
    ? image.png({ compressionLevel: 6 }).toBuffer()
    : image.jpeg({ quality: file.quality }).toBuffer());
}
