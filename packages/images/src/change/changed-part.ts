/** Brings what a network made of a part of a photo into the photo. */
import type { ImageSize, RgbImage } from '../decode/resample.js';
import { bendImage } from './bend-image.js';
import { addChange, changeOf, type Part } from './change.js';

/** Images that a network bent before it added a change to them. */
export interface BentPart {
  /** uint8 [height, width, 3]. */
  readonly images: Uint8Array;
  /**
   * float32 [fieldHeight, fieldWidth, 2]: how far to the right and down of a pixel its value comes from, as shares of the
   * image's width and height.
   */
  readonly field: Float32Array;
  readonly fieldHeight: number;
  readonly fieldWidth: number;
}

/** What {@link changedPart} needs. */
interface PartOptions {
  readonly image: RgbImage;
  readonly part: Part;
  readonly strength: number;
  /** Of the part as the network took it. */
  readonly size: ImageSize;
  /** uint8 [height, width, 3]: the part as the network took it. */
  readonly before: Uint8Array;
  /** uint8 [height, width, 3]: what it made of it. */
  readonly images: Uint8Array;
  /** How it bent it; undefined where it did not. */
  readonly bend?: BentPart | undefined;
  /** As of `addChange`. */
  readonly over?: RgbImage;
  readonly feather?: number;
}

/**
 * Returns the photo with a part changed: bent at the photo's own size by the network's field, where it has one, with the
 * rest of the change enlarged and added.
 */
export function changedPart(options: PartOptions): RgbImage {
  const { image, part, strength, size, before, images, bend, feather = 0, over = image } = options;
  const change = changeOf(bend?.images ?? before, images, size);
  const bent = bend === undefined ? image : bentPart(image, bend, { part, strength });
  return addChange(bent, change, { part, strength, feather, over });
}

function bentPart(
  image: RgbImage,
  { field, fieldWidth, fieldHeight }: BentPart,
  how: { readonly part: Part; readonly strength: number },
): RgbImage {
  return bendImage(image, { values: field, width: fieldWidth, height: fieldHeight }, how);
}
