/** Crops one image. */

import { readFile } from 'node:fs/promises';
import type { DetectFaces, FaceBox } from '@janus/core';
import { decodeUpright, regionOf, type Part, type PixelBox, type RgbImage } from '@janus/images';
import sharp from 'sharp';
import type { ResolvedCropOptions } from './crop-options.js';

/** An image to crop: its file, and its box where there is one. */
interface CropItem {
  readonly file: string;
  readonly box: PixelBox | null;
  readonly boxUnit: 'pixel' | 'fraction';
}

/** Why an image is not cropped. */
type CropFailure =
  | 'missing file'
  | 'cannot be decoded'
  | 'no box'
  | 'box is too small'
  | 'box lies outside the image'
  | 'no face'
  | 'face is too small'
  | 'several faces';

/** The outcome of one image. */
export interface CropOutcome {
  readonly failure: CropFailure | null;
  /** Size of the upright original in pixels; null where it cannot be read. */
  readonly width: number | null;
  readonly height: number | null;
  /** Number of faces that count; null by box. */
  readonly faces: number | null;
  /** The detector's score of the chosen face, 0 to 1. */
  readonly score: number | null;
  /** The box that was cropped by, in pixels of the upright original. */
  readonly box: PixelBox | null;
  readonly region: Part | null;
  readonly clipped: boolean;
  /** The encoded crop. */
  readonly bytes: Uint8Array | null;
  /** Size of the crop in pixels. */
  readonly outWidth: number | null;
  readonly outHeight: number | null;
}

/** What the pixels of a crop depend on, beside its region. */
export type CutOptions = Pick<ResolvedCropOptions, 'size' | 'grey' | 'format'>;

const NOTHING: CropOutcome = {
  failure: null,
  width: null,
  height: null,
  faces: null,
  score: null,
  box: null,
  region: null,
  clipped: false,
  bytes: null,
  outWidth: null,
  outHeight: null,
};

/** Crops one image; a failure is an outcome, not an error. */
export async function cropImage(
  item: CropItem,
  options: ResolvedCropOptions,
  detect?: DetectFaces,
): Promise<CropOutcome> {
  let file: Uint8Array;
  try {
    file = await readFile(item.file);
  } catch {
    return { ...NOTHING, failure: 'missing file' };
  }
  let image: RgbImage;
  try {
    image = await decodeUpright(file);
  } catch {
    return { ...NOTHING, failure: 'cannot be decoded' };
  }
  const { width, height } = image;
  const chosen =
    options.by === 'box' ? boxOf(item, image, options) : await faceOf(image, options, detect);
  const known = { ...NOTHING, ...chosen, width, height };
  if (known.failure !== null || known.box === null) return known;
  const found = regionOf(known.box, image, options);
  if (found === null) return { ...known, failure: 'box lies outside the image' };
  const { region, clipped } = found;
  return { ...known, region, clipped, ...(await cutOut(image, region, options)) };
}

/**
 * Cuts a region out of an image file, turned upright, and encodes it as {@link cropImage} does.
 *
 * @returns the bytes of the crop
 */
export async function cropRegion(
  file: Uint8Array,
  region: Part,
  options: CutOptions,
): Promise<Uint8Array> {
  return (await cutOut(await decodeUpright(file), region, options)).bytes;
}

async function cutOut(
  { pixels, width, height }: RgbImage,
  region: Part,
  { size, grey, format }: CutOptions,
): Promise<{ readonly bytes: Uint8Array; readonly outWidth: number; readonly outHeight: number }> {
  const scale = size / Math.max(region.width, region.height);
  const across = Math.max(1, Math.round(region.width * scale));
  const down = Math.max(1, Math.round(region.height * scale));
  const cut = sharp(pixels, { raw: { width, height, channels: 3 } })
    .extract(region)
    .resize(across, down, { fit: 'fill' });
  const shown = grey ? cut.greyscale().toColourspace('b-w') : cut;
  const bytes =
    format === 'png'
      ? await shown.png().toBuffer()
      : await shown.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
  return { bytes, outWidth: across, outHeight: down };
}

type Chosen = Partial<Pick<CropOutcome, 'failure' | 'box' | 'faces' | 'score'>>;

const longerSide = ({ x1, y1, x2, y2 }: PixelBox): number => Math.max(x2 - x1, y2 - y1);

function boxOf(
  { box, boxUnit }: CropItem,
  { width, height }: RgbImage,
  { minSide }: ResolvedCropOptions,
): Chosen {
  if (box === null) return { failure: 'no box' };
  const inPixels =
    boxUnit === 'pixel'
      ? box
      : { x1: box.x1 * width, y1: box.y1 * height, x2: box.x2 * width, y2: box.y2 * height };
  return { box: inPixels, failure: longerSide(inPixels) < minSide ? 'box is too small' : null };
}

async function faceOf(
  { pixels, width, height }: RgbImage,
  { minSide, withoutFace, severalFaces }: ResolvedCropOptions,
  detect: DetectFaces = () => Promise.resolve([]),
): Promise<Chosen> {
  const found = await detect(pixels, width, height);
  const faces = found.filter((face) => longerSide(face) >= minSide);
  const [surest] = faces;
  if (surest === undefined) {
    if (withoutFace === 'reject') {
      return { faces: 0, failure: found.length > 0 ? 'face is too small' : 'no face' };
    }
    const side = Math.min(width, height);
    const [x1, y1] = [(width - side) / 2, (height - side) / 2];
    return { faces: 0, box: { x1, y1, x2: x1 + side, y2: y1 + side } };
  }
  if (faces.length > 1 && severalFaces === 'reject') {
    return { faces: faces.length, failure: 'several faces' };
  }
  const { score, x1, y1, x2, y2 } = bestOf(faces, surest, (face) => {
    if (severalFaces === 'largest') return longerSide(face);
    if (severalFaces !== 'middle') return face.score;
    return -Math.hypot(face.x1 + face.x2 - width, face.y1 + face.y2 - height);
  });
  return { faces: faces.length, score, box: { x1, y1, x2, y2 } };
}

/** Returns the face with the highest worth; of several, the first. */
function bestOf(
  faces: readonly FaceBox[],
  first: FaceBox,
  worth: (face: FaceBox) => number,
): FaceBox {
  return faces.reduce((best, face) => (worth(face) > worth(best) ? face : best), first);
}
