/** The box of a face, in pixels from the image's upper left corner; may reach outside the image. */
export interface FaceBox {
  /** Left edge. */
  readonly x1: number;
  /** Upper edge. */
  readonly y1: number;
  /** Right edge. */
  readonly x2: number;
  /** Lower edge. */
  readonly y2: number;
  /** The detector's confidence, 0 to 1. */
  readonly score: number;
}

/**
 * Finds the faces in an image; the package with networks makes such a function, the one with files
 * calls it. Calls may overlap.
 *
 * @param pixels uint8 [height, width, 3], RGB, upright
 * @returns the faces, most confident first; none for an image without faces
 */
export type DetectFaces = (
  pixels: Uint8Array,
  width: number,
  height: number,
) => Promise<readonly FaceBox[]>;
