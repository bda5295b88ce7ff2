import { resample, type Region } from '../decode/resample.js';
import { sidesOf, type Sides } from '../decode/sides.js';

/** A decoded image; a square where there is no width. */
export interface SizedPixels extends Sides {
  /** uint8 [size, width, 3], RGB. */
  readonly pixels: Uint8Array;
}

/** Mirrors an image left to right, in place. */
export function flipImage({ pixels, size, width = size }: SizedPixels): void {
  for (let y = 0; y < size; y++) {
    let left = y * width * 3;
    let right = (y * width + width - 1) * 3;
    for (; left < right; left += 3, right -= 3) {
      for (let c = 0; c < 3; c++) {
        const value = pixels[left + c] ?? 0;
        pixels[left + c] = pixels[right + c] ?? 0;
        pixels[right + c] = value;
      }
    }
  }
}

/**
 * Crops a part of an image and scales it to the image's size (Lanczos).
 *
 * @param target uint8 [size, width, 3], not the image's own memory
 * @param region within the image, in pixels; its edges may lie between pixels
 * @throws OptionsError when the region lies outside the image
 */
export function cropImage(target: Uint8Array, image: SizedPixels, region: Region): void {
  const size = sidesOf(image);
  resample({ pixels: image.pixels, ...size }, region, { ...size, target });
}

/** A rotation and a zoom around the centre. */
export interface Turn {
  /** Counter-clockwise as the viewer sees it; any finite number, 0 for none. */
  readonly angleDegrees: number;
  /** Factor above 0; above 1 enlarges, 1 for none. */
  readonly zoom: number;
}

/** Fractional bits of a position, and so of a weight: products of two weights and a pixel fit 32 bits. */
const PLACE_BITS = 10;
const ONE = 1 << PLACE_BITS;

/**
 * Rotates and zooms an image around its centre, with bilinear interpolation. Outside the image it is
 * mirrored at the edges, edge pixel included. Rotating a square by a multiple of 90 degrees without zoom is exact.
 *
 * @param target uint8 [size, width, 3], not the image's own memory
 */
export function turnImage(
  target: Uint8Array,
  { pixels, size: height, width = height }: SizedPixels,
  { angleDegrees, zoom }: Turn,
): void {
  const angle = (angleDegrees * Math.PI) / 180;
  const cos = Math.cos(angle) / zoom;
  const sin = Math.sin(angle) / zoom;
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const columns = mirroredPlaces(width);
  const rows = mirroredPlaces(height);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Source position: the inverse rotation, with y pointing down.
      const fromX = middleX + (x - middleX) * cos - (y - middleY) * sin;
      const fromY = middleY + (x - middleX) * sin + (y - middleY) * cos;
      const placeX = Math.round(fromX * ONE);
      const placeY = Math.round(fromY * ONE);
      const wholeX = placeX >> PLACE_BITS;
      const wholeY = placeY >> PLACE_BITS;
      const right = placeX & (ONE - 1);
      const below = placeY & (ONE - 1);
      const left = columns(wholeX);
      const next = columns(wholeX + 1);
      const upper = rows(wholeY) * width;
      const lower = rows(wholeY + 1) * width;
      const a = (upper + left) * 3;
      const b = (upper + next) * 3;
      const c = (lower + left) * 3;
      const d = (lower + next) * 3;
      const weightD = right * below;
      const weightC = (below << PLACE_BITS) - weightD;
      const weightB = (right << PLACE_BITS) - weightD;
      const weightA = ONE * ONE - weightB - weightC - weightD;
      for (let k = 0; k < 3; k++) {
        const sum =
          weightA * (pixels[a + k] ?? 0) +
          weightB * (pixels[b + k] ?? 0) +
          weightC * (pixels[c + k] ?? 0) +
          weightD * (pixels[d + k] ?? 0);
        target[to++] = (sum + ONE * (ONE / 2)) >> (2 * PLACE_BITS);
      }
    }
  }
}

/** Returns a function that maps any index into 0 to size - 1, mirrored at both ends repeatedly. */
function mirroredPlaces(size: number): (place: number) => number {
  const period = 2 * size;
  return (place) => {
    if (place >= 0 && place < size) return place;
    const within = ((place % period) + period) % period;
    return within < size ? within : period - 1 - within;
  };
}

/** A square region in whole pixels; it may extend past the image's edges. */
export interface Square {
  readonly left: number;
  readonly top: number;
  /** 0 for no square. */
  readonly side: number;
}

/** Mid-grey: about 0 once pixels are in the signed range. */
const GREY = 128;

/** Fills a square of an image with mid-grey, in place. */
export function cutOut(
  { pixels, size, width = size }: SizedPixels,
  { left, top, side }: Square,
): void {
  const from = Math.max(0, left);
  const to = Math.min(width, left + side);
  if (from >= to) return;
  for (let y = Math.max(0, top); y < Math.min(size, top + side); y++) {
    pixels.fill(GREY, (y * width + from) * 3, (y * width + to) * 3);
  }
}
