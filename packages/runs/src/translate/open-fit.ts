/** From options to the fit of a run. */
import { OptionsError, sidesText, type Reporter } from '@janus/core';
import { CROP_MARGIN, readDatasetRecord } from '@janus/data';
import { generatorMultiple, imageSides } from '@janus/models';
import { placeOf } from '../cyclegan/domains.js';
import type { ResolvedCycleGanOptions } from '../cyclegan/options.js';
import { openFaceFit } from './face-fit.js';
import type { Fit, FitName } from './fit.js';
import { resizeFit, squareFit, tileFit } from './whole-fits.js';

/** Options of a fit. */
export interface FitOptions {
  /**
   * What happens to photos of another size than the run's: see {@link FitName}. Default `resize`: most runs change an
   * attribute, whose change is smooth, and the photo keeps its own detail. Of an IcGAN `square`: it makes whole images of
   * its size.
   */
  readonly fit?: FitName;
  /** Side of a tile in pixels, a multiple of 4 (of a U-Net: of more) and at least 16; default the run's shorter side. */
  readonly tile?: number;
  /**
   * Pixels that tiles share at least, at most half a tile; default half a tile: with a quarter, the borders of tiles show as
   * faint lines in even ground.
   */
  readonly overlap?: number;
  /** Translates each face in its place instead; default false. */
  readonly faces?: boolean;
  /**
   * Margin around a detected face, as a fraction of its longer side, 0 to 4. Default that of the run's data where it was
   * cropped by face, else 0.4, which `data crop` takes.
   */
  readonly faceMargin?: number;
}

/** How faces are cropped. */
export interface FaceCrop {
  /** Around a detected face, as a fraction of its longer side. */
  readonly margin: number;
  /** Longer side in pixels below which a face does not count. */
  readonly minSide: number;
}

/** As `cropDataset`. */
export const FACE_CROP: FaceCrop = { margin: CROP_MARGIN.face, minSide: 32 };

/** What the fit of a run depends on. */
export interface FittedRun extends Pick<
  ResolvedCycleGanOptions,
  'imageSize' | 'imageWidth' | 'generator' | 'x'
> {
  /** Whether its generator makes images of the run's size alone. */
  readonly squareOnly: boolean;
}

/** Returns the fit for a run; the caller disposes it. */
export async function openFit(
  run: FittedRun,
  options: FitOptions,
  reporter: Reporter,
): Promise<Fit> {
  const { squareOnly } = run;
  const size = imageSides(run);
  const { fit = squareOnly ? 'square' : 'resize', faces = false } = options;
  const { tile, overlap, faceMargin } = options;
  if (squareOnly && !faces && fit !== 'square') {
    throw new OptionsError(
      `translate: this run makes whole images of ${sidesText(size.width, size.height)} px, but got the fit ${fit}. Leave out --fit, or take --faces.`,
    );
  }
  const multiple = generatorMultiple(run.generator, size);
  checkTogether(options, multiple);
  const crop = await faceCropOf(run.x);
  if (faces) {
    const { margin, minSide } = crop ?? FACE_CROP;
    const side = Math.max(size.width, size.height);
    return await openFaceFit({ size: side, minSide, margin: faceMargin ?? margin });
  }
  if (crop !== undefined && fit !== 'square') {
    reporter.log('This run learnt from crops of faces: --faces translates each face in its place.');
  }
  if (fit === 'square') return squareFit(size);
  if (fit === 'resize') return resizeFit(size, multiple);
  const side = tile ?? Math.min(size.width, size.height);
  return tileFit({ tile: side, overlap: overlap ?? side / 2 });
}

/** Refuses options that would have no effect, and those out of range. */
function checkTogether(
  { fit, tile, overlap, faces, faceMargin }: FitOptions,
  multiple: number,
): void {
  const refuse = (rule: string): never => {
    throw new OptionsError(`translate: ${rule}`);
  };
  if (faces === true && fit !== undefined) {
    refuse(`faces must stand without a fit, but got ${fit}. Leave out one of --faces and --fit.`);
  }
  if (fit !== 'tile' && (tile ?? overlap) !== undefined) {
    refuse(
      `a tile and its overlap need the fit tile, but got ${fit ?? 'none'}. Add --fit tile, or leave out --tile and --overlap.`,
    );
  }
  if (tile !== undefined && (!Number.isInteger(tile / multiple) || tile < 16)) {
    refuse(
      `a tile must be a multiple of ${multiple} and at least 16 px, but got ${tile}. Leave out --tile.`,
    );
  }
  if (faceMargin === undefined) return;
  if (faces !== true) refuse('a margin of faces needs faces, but there are none. Add --faces.');
  if (!(faceMargin >= 0 && faceMargin <= 4)) {
    refuse(`the margin of faces must be from 0 to 4, but got ${faceMargin}. Leave it out for 0.4.`);
  }
}

/**
 * Returns how the data of a run was cropped by face; undefined where it was not, or is no longer there.
 *
 * @param source a data folder, or a domain of one
 */
export async function faceCropOf(source: string): Promise<FaceCrop | undefined> {
  const { folder } = placeOf(source);
  const record = await readDatasetRecord(folder).catch(() => undefined);
  const options = record?.steps.find(({ step }) => step === 'crop')?.options as
    (Partial<FaceCrop> & { readonly by?: string }) | undefined;
  if (options?.by !== 'face') return undefined;
  const { margin = FACE_CROP.margin, minSide = FACE_CROP.minSide } = options;
  return { margin, minSide };
}
