/** Images that follow each other in one file. */
import { OptionsError } from '@janus/core';
import sharp from 'sharp';

/** Options of {@link animation}. */
export interface AnimationOptions {
  /** Bytes of encoded images, all of one size. */
  readonly frames: readonly Uint8Array[];
  /** How long each is shown, in milliseconds; the last one three times as long. Default 700. */
  readonly frameMs?: number;
}

/** From WebP's 0 to 100; text stays legible. */
const QUALITY = 85;

/**
 * Joins images to an animated WebP file that repeats without end, which browsers show without a script.
 *
 * @returns the bytes of the file
 * @throws OptionsError when there are fewer than two frames
 */
export async function animation({ frames, frameMs = 700 }: AnimationOptions): Promise<Buffer> {
  if (frames.length < 2) {
    throw new OptionsError(
      `animation: needs at least two frames, but got ${frames.length}. Show a single image as it is.`,
    );
  }
  const delay = frames.map((_, i) => (i === frames.length - 1 ? 3 * frameMs : frameMs));
  return await sharp(
    frames.map((frame) => Buffer.from(frame)),
    { join: { animated: true } },
  )
    .webp({ quality: QUALITY, loop: 0, delay })
    .toBuffer();
}
