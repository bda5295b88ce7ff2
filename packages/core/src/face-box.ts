/** Where a face is in an image, in pixels from its upper left corner; may reach outside it. */
export interface FaceBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  /** How sure the detector is, 0 to 1. */
  readonly score: number;
}

/**
 * Finds the faces of an image: what knows networks makes one, what knows files calls it. Calls may
 * overlap.
 *
 * @param pixels uint8 [height, width, 3], RGB, upright
 * @returns the faces, the surest first; none for an image without
 */
export type DetectFaces = (
  pixels: Uint8Array,
  width: number,
  height: number,
) => Promise<readonly FaceBox[]>;
