/** Images made worse on purpose, by known amounts: what a classifier meets outside its data set. */
import { forEachConcurrently, OptionsError } from '@janus/core';
import sharp, { type Sharp } from 'sharp';
import { changeColour } from './augment/augment-colour.js';

/** A change of images and the strengths that are worth looking at, the mildest first. */
export interface ImageChange {
  readonly change: 'brightness' | 'blur' | 'size' | 'jpeg';
  readonly strengths: readonly number[];
}

/**
 * All changes. `brightness`: factor on all values, clipped at white. `blur`: standard deviation of a Gaussian, as a share of
 * the image's side. `size`: side to which the image is reduced, as a share of its own, before it is enlarged again. `jpeg`:
 * quality, 1 to 100, of a file that it is written to and read from, its colours at half the resolution.
 */
export const IMAGE_CHANGES: readonly ImageChange[] = [
  { change: 'brightness', strengths: [0.75, 0.5, 0.25, 1.5, 2] },
  { change: 'blur', strengths: [0.005, 0.01, 0.02, 0.04] },
  { change: 'size', strengths: [0.5, 0.25, 0.125] },
  { change: 'jpeg', strengths: [50, 25, 10, 5] },
];

/** One change of one strength. */
export interface ChangeChoice {
  readonly change: ImageChange['change'];
  /** In the unit that {@link IMAGE_CHANGES} states. */
  readonly strength: number;
}

/**
 * Returns changed copies of square images.
 *
 * @param images `pixels` are uint8 [count, size, size, 3], RGB
 * @returns uint8 [count, size, size, 3]
 * @throws OptionsError when the strength is not above 0, or a quality above 100
 */
export async function changeImages(
  images: { readonly pixels: Uint8Array; readonly count: number; readonly size: number },
  { change, strength }: ChangeChoice,
): Promise<Uint8Array> {
  if (!(strength > 0 && Number.isFinite(strength)) || (change === 'jpeg' && strength > 100)) {
    throw new OptionsError(
      `changeImages: ${change} must be above 0${change === 'jpeg' ? ' and at most 100' : ''}, but got ${strength}. See IMAGE_CHANGES.`,
    );
  }
  const { pixels, count, size } = images;
  const bytes = size * size * 3;
  const changed = new Uint8Array(count * bytes);
  const indices = Array.from({ length: count }, (_, i) => i);
  await forEachConcurrently(indices, async (i) => {
    const image = pixels.slice(i * bytes, (i + 1) * bytes);
    if (change === 'brightness') {
      changeColour(
        { pixels: image, size },
        { brightness: strength, contrast: 1, saturation: 1, hue: 0 },
      );
      changed.set(image, i * bytes);
    } else {
      const opened = sharp(image, { raw: { width: size, height: size, channels: 3 } });
      const made = await encoded(opened, { change, strength, size });
      changed.set(await made.removeAlpha().raw().toBuffer(), i * bytes);
    }
  });
  return changed;
}

async function encoded(
  image: Sharp,
  { change, strength, size }: ChangeChoice & { readonly size: number },
): Promise<Sharp> {
  if (change === 'blur') {
    const sigma = strength * size;
    // Below this, libvips' mask is one pixel.
    return sigma < 0.3 ? image : image.blur({ sigma, precision: 'float' });
  }
  if (change === 'size') {
    const side = Math.max(1, Math.round(strength * size));
    return sharp(await image.resize(side, side).png().toBuffer()).resize(size, size);
  }
  return sharp(await image.jpeg({ quality: Math.round(strength) }).toBuffer());
}
