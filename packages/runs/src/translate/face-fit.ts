/** Translates each face of a photo in its place. */
import { DataError, type DetectFaces } from '@janus/core';
import {
  decodeUpright,
  regionOf,
  squarePieces,
  type Part,
  type PixelBox,
  type RgbImage,
} from '@janus/images';
import { FACE_DETECTOR_NAME, loadFaceDetector } from '@janus/models';
import type { Fit } from './fit.js';

/** Options of {@link faceFit}. */
export interface FaceFitOptions {
  /** Side in pixels that a face is translated at: the run's longer one. */
  readonly size: number;
  /** Added at each side of the detected box, as a fraction of its longer side, as `cropDataset` does. */
  readonly margin: number;
  /** Longer side in pixels below which a face does not count, as of `cropDataset`. */
  readonly minSide: number;
}

/** Loads the detector and returns the fit, which disposes it. */
export async function openFaceFit(options: FaceFitOptions): Promise<Fit> {
  const detector = await loadFaceDetector();
  return {
    ...faceFit(options, detector.detect),
    dispose: () => {
      detector.dispose();
      return Promise.resolve();
    },
  };
}

/**
 * Returns the fit that translates every face: the square around it that `data crop --by face` takes, scaled to the run's
 * size; the change is enlarged and fades out towards the edges of the square.
 */
export function faceFit(options: FaceFitOptions, detect: DetectFaces): Fit {
  const { size, margin, minSide } = options;
  return {
    text: `each face with a margin of ${margin} at ${size} px, the change enlarged and faded into the photo`,
    cut: async (file) => {
      const image = await decodeUpright(file);
      const { pixels, width, height } = image;
      const faces = await detect(pixels, width, height);
      const parts = faces.flatMap((face) => partOf(face, image, options) ?? []);
      if (parts.length === 0) {
        throw new DataError(
          `${file}: must show a face of at least ${minSide} px, but ${FACE_DETECTOR_NAME} found none. Leave out --faces to translate the whole photo.`,
          { path: file },
        );
      }
      return { image, faces: parts.length, pieces: squarePieces(image, parts, size) };
    },
  };
}

function partOf(
  face: PixelBox,
  image: RgbImage,
  { margin, minSide }: FaceFitOptions,
): Part | undefined {
  if (Math.max(face.x2 - face.x1, face.y2 - face.y1) < minSide) return undefined;
  return regionOf(face, image, { margin, shape: 'square' })?.region;
}
