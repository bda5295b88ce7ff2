import type { RgbImage } from './resample.js';

/** Returns where the pixel at x, y of the upright image comes from; `right` and `bottom` are the largest coordinates of the image as it lies. */
type Source = (at: {
  readonly x: number;
  readonly y: number;
  readonly right: number;
  readonly bottom: number;
}) => readonly [number, number];

/** The inverse of each EXIF orientation, 1 to 8. Source: CIPA DC-008, tag 0112. */
const UPRIGHT: Readonly<Record<number, Source>> = {
  1: ({ x, y }) => [x, y],
  2: ({ x, y, right }) => [right - x, y],
  3: ({ x, y, right, bottom }) => [right - x, bottom - y],
  4: ({ x, y, bottom }) => [x, bottom - y],
  5: ({ x, y }) => [y, x],
  6: ({ x, y, bottom }) => [y, bottom - x],
  7: ({ x, y, right, bottom }) => [right - y, bottom - x],
  8: ({ x, y, right }) => [right - y, x],
};

/** Whether an EXIF orientation lays an image on its side: upright, its width is its height. */
export const liesOnSide = (orientation: number): boolean => orientation >= 5 && orientation <= 8;

/**
 * Turns an image upright.
 *
 * @param image as it lies
 * @param orientation its EXIF orientation, 1 to 8
 * @returns uint8 [height, width, 3], of an image on its side [width, height, 3]: its own pixels where nothing has to be turned
 */
export function turnUpright({ pixels, width, height }: RgbImage, orientation: number): Uint8Array {
  const source = UPRIGHT[orientation];
  if (source === undefined || orientation === 1) return pixels;
  const [across, down] = liesOnSide(orientation) ? [height, width] : [width, height];
  const turned = new Uint8Array(pixels.length);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const [fromX, fromY] = source({ x, y, right: width - 1, bottom: height - 1 });
      const from = (fromY * width + fromX) * 3;
      const to = (y * across + x) * 3;
      turned[to] = pixels[from] ?? 0;
      turned[to + 1] = pixels[from + 1] ?? 0;
      turned[to + 2] = pixels[from + 2] ?? 0;
    }
  }
  return turned;
}
