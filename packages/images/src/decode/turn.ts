/** Returns where the pixel at x, y of the upright square comes from; `last` is the largest coordinate. */
type Source = (x: number, y: number, last: number) => readonly [number, number];

/** The inverse of each EXIF orientation, 1 to 8. Source: CIPA DC-008, tag 0112. */
const UPRIGHT: Readonly<Record<number, Source>> = {
  1: (x, y) => [x, y],
  2: (x, y, last) => [last - x, y],
  3: (x, y, last) => [last - x, last - y],
  4: (x, y, last) => [x, last - y],
  5: (x, y) => [y, x],
  6: (x, y, last) => [y, last - x],
  7: (x, y, last) => [last - y, last - x],
  8: (x, y, last) => [last - y, x],
};

/**
 * Turns a square image upright.
 *
 * @param pixels uint8 [size, size, 3]
 * @param orientation the EXIF orientation of `pixels`, 1 to 8
 * @returns uint8 [size, size, 3]: `pixels` itself where nothing has to be turned
 */
export function turnUpright(pixels: Uint8Array, size: number, orientation: number): Uint8Array {
  const source = UPRIGHT[orientation];
  if (source === undefined || orientation === 1) return pixels;
  const turned = new Uint8Array(pixels.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [fromX, fromY] = source(x, y, size - 1);
      const from = (fromY * size + fromX) * 3;
      const to = (y * size + x) * 3;
      turned[to] = pixels[from] ?? 0;
      turned[to + 1] = pixels[from + 1] ?? 0;
      turned[to + 2] = pixels[from + 2] ?? 0;
    }
  }
  return turned;
}
