/** The pixels that a crop by a box takes. */
import type { Part } from './change/change.js';

/** A box in pixels of an upright image, from its upper left corner; it may reach outside. */
export interface PixelBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** How a box becomes a region. */
interface RegionOptions {
  /** Margin added at each side, as a fraction of the box's longer side. */
  readonly margin: number;
  /** `square`: both sides as long as the longer one; `box`: the box's aspect ratio. */
  readonly shape: 'square' | 'box';
}

/** A region, and whether the wanted one reached outside the image. */
interface FoundRegion {
  readonly region: Part;
  readonly clipped: boolean;
}

/**
 * Returns the region of a box with its margin. A square that reaches outside the image is moved into it, and shrunk to
 * the image's shorter side where it is larger, so that no pixel is invented and nothing is stretched; a region of the
 * box's own shape is cut off at the edge.
 *
 * @returns null when the box lies outside the image, or is smaller than a pixel
 */
export function regionOf(
  box: PixelBox,
  image: { readonly width: number; readonly height: number },
  { margin, shape }: RegionOptions,
): FoundRegion | null {
  const { width, height } = image;
  if (!(box.x2 > 0 && box.y2 > 0 && box.x1 < width && box.y1 < height)) return null;
  const [across, down] = [box.x2 - box.x1, box.y2 - box.y1];
  const longer = Math.max(across, down);
  if (!(Math.min(across, down) > 0 && longer >= 1)) return null;
  const [middleX, middleY] = [(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2];
  const added = 2 * margin * longer;
  if (shape === 'box') {
    const x = cutAxis(middleX, across + added, width);
    const y = cutAxis(middleY, down + added, height);
    return {
      region: { left: x.from, top: y.from, width: x.length, height: y.length },
      clipped: x.clipped || y.clipped,
    };
  }
  const side = Math.round(longer + added);
  const fits = Math.max(1, Math.min(side, width, height));
  const x = moveAxis(middleX, fits, width);
  const y = moveAxis(middleY, fits, height);
  return {
    region: { left: x.from, top: y.from, width: fits, height: fits },
    clipped: fits < side || x.moved || y.moved,
  };
}

/** Pixels that rounding can move an edge by. */
const ROUNDING = 0.5;

function cutAxis(
  middle: number,
  length: number,
  limit: number,
): { readonly from: number; readonly length: number; readonly clipped: boolean } {
  const [first, last] = [middle - length / 2, middle + length / 2];
  const from = Math.min(limit - 1, Math.max(0, Math.round(first)));
  const to = Math.max(from + 1, Math.min(limit, Math.round(last)));
  const clipped = first < -ROUNDING || last > limit + ROUNDING;
  return { from, length: to - from, clipped };
}

function moveAxis(
  middle: number,
  length: number,
  limit: number,
): { readonly from: number; readonly moved: boolean } {
  const wanted = middle - length / 2;
  const from = Math.max(0, Math.min(limit - length, Math.round(wanted)));
  return { from, moved: wanted < -ROUNDING || wanted > limit - length + ROUNDING };
}
