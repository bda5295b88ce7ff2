/** Translates each face of a photo in its place. */
import { DataError, type DetectFaces } from '@janus/core';
import { regionOf, type PixelBox } from '@janus/data';
import { decodeUpright, resample, type Part, type RgbImage } from '@janus/images';
import { FACE_DETECTOR_NAME, loadFaceDetector } from '@janus/models';
import { changedPart } from './changed-part.js';
import type { Fit, Pieces } from './fit.js';

/** Options of {@link faceFit}. */
export interface FaceFitOptions {
  /** Side in pixels that a face is translated at: the run's. */
  readonly size: number;
  /** Added at each side of the detected box, as a fraction of its longer side, as `cropDataset` does. */
  readonly margin: number;
  /** Longer side in pixels below which a face does not count, as of `cropDataset`. */
  readonly minSide: number;
}

/** Share of a crop's side over which a translation fades into the photo. */
const FEATHER = 0.2;

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
      return { image, faces: parts.length, pieces: facePieces(image, parts, size) };
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

function facePieces(image: RgbImage, parts: readonly Part[], size: number): Pieces {
  const side = { width: size, height: size };
  const pieceOf = (all: Uint8Array, i: number): Uint8Array => shareOf(all, i, parts.length);
  const images = new Uint8Array(parts.length * size * size * 3);
  parts.forEach((part, i) => resample(image, part, { ...side, target: pieceOf(images, i) }));
  return {
    ...{ images, ...side },
    join: (after, strength) =>
      parts.reduce((over, part, i) => {
        const { bend } = after;
        return changedPart({
          ...{ image, part, strength, size: side, over, feather: FEATHER * part.width },
          before: pieceOf(images, i),
          images: pieceOf(after.images, i),
          bend: bend && {
            ...bend,
            images: pieceOf(bend.images, i),
            field: shareOf(bend.field, i, parts.length),
          },
        });
      }, image),
  };
}

/** Returns one of `count` equal shares. */
function shareOf<T extends Uint8Array | Float32Array>(all: T, i: number, count: number): T {
  const length = all.length / count;
  return all.subarray(i * length, (i + 1) * length) as T;
}
