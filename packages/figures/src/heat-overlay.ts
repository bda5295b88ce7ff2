/** An image under a map of heat: where something is strong, the image shows through its colour. */
import { OptionsError } from '@janus/core';

/** A map over an image. */
export interface HeatMap {
  /** [height, width], each 0 to 1. */
  readonly data: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
}

/** An image with a map over it. */
export interface HeatOverlayOptions {
  /** uint8 [size, size, 3]. */
  readonly pixels: Uint8Array;
  /** Side of the image in pixels. */
  readonly size: number;
  readonly heat: HeatMap;
}

/** Plasma of Matplotlib at 0, 1/4, 1/2, 3/4 and 1: even steps in lightness, for every kind of colour vision. */
const STOPS: readonly (readonly [number, number, number])[] = [
  [13, 8, 135],
  [126, 3, 168],
  [204, 71, 120],
  [248, 149, 64],
  [240, 249, 33],
];

/** Share of the colour where the heat is 1; it falls with the heat. */
const MOST = 0.65;

/**
 * Returns an image's pixels, uint8 [size, size, 3], mixed with the colours of a map that is enlarged to its size.
 *
 * @throws OptionsError when the pixels or the map do not have their size
 */
export function heatOverlay({ pixels, size, heat }: HeatOverlayOptions): Uint8Array {
  const { data, height, width } = heat;
  if (pixels.length !== size * size * 3 || data.length !== height * width || data.length === 0) {
    throw new OptionsError(
      `heatOverlay: needs ${size} x ${size} x 3 pixels and a map of ${height} x ${width}, but got ${pixels.length} and ${data.length} numbers. Give both with their sizes.`,
    );
  }
  const mixed = new Uint8Array(pixels.length);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const value = Math.min(1, Math.max(0, valueAt(heat, (x + 0.5) / size, (y + 0.5) / size)));
      const colour = colourOf(value);
      const share = MOST * value;
      for (let c = 0; c < 3; c++) {
        const at = (y * size + x) * 3 + c;
        mixed[at] = Math.round((1 - share) * (pixels[at] ?? 0) + share * (colour[c] ?? 0));
      }
    }
  }
  return mixed;
}

/** Returns a map's value between its places, 0 to 1 across and down: bilinear, places being centred in their cells. */
function valueAt({ data, height, width }: HeatMap, across: number, down: number): number {
  const place = (share: number, count: number): readonly [number, number, number] => {
    const at = Math.min(count - 1, Math.max(0, share * count - 0.5));
    const low = Math.floor(at);
    return [low, Math.min(low + 1, count - 1), at - low];
  };
  const [left, right, x] = place(across, width);
  const [top, bottom, y] = place(down, height);
  const of = (row: number, column: number): number => data[row * width + column] ?? 0;
  const above = (1 - x) * of(top, left) + x * of(top, right);
  const below = (1 - x) * of(bottom, left) + x * of(bottom, right);
  return (1 - y) * above + y * below;
}

function colourOf(value: number): readonly number[] {
  const at = value * (STOPS.length - 1);
  const low = Math.min(Math.floor(at), STOPS.length - 2);
  const [from, to] = [STOPS[low] ?? [0, 0, 0], STOPS[low + 1] ?? [0, 0, 0]];
  return from.map((each, c) => each + (at - low) * ((to[c] ?? 0) - each));
}
