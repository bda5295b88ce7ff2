import { OptionsError, SILENT } from '@janus/core';
import { findImages, type FoundImage } from '@janus/data';
import { withMark } from '@janus/figures';
import { writeImage, type ImageFormat, type Provenance, type RgbImage } from '@janus/images';
import { imageSides, registerLayers } from '@janus/models';
import type { LatentSearch } from '../attributes/latent-searches.js';
import { startEngine, type StoppableContext } from '../context.js';
import type { UnreadableImage } from '../decoded-images.js';
import { precisionOfRun } from '../precision.js';
import { cutPhotos } from './cut-photos.js';
import { differenceImage } from './difference.js';
import type { Direction } from './direction.js';
import type { CutPhoto, Fit } from './fit.js';
import { openFit, type FitOptions } from './open-fit.js';
import { outputFiles, type OutputFiles } from './output-files.js';
import { translatedPhotos, type TranslatedPhoto } from './translated-photo.js';
import { runProvenance } from './run-provenance.js';
import { openTranslators, readTranslationRun, type OpenTranslators } from './translation-run.js';
import { writeTranslationSheets } from './translation-sheets.js';

/** Options of {@link translateImages}. */
export interface TranslateImagesOptions extends StoppableContext, FitOptions {
  /** Folder that the translations are written to; images of subfolders go into subfolders. */
  readonly out: string;
  /** Which generator; default `x-to-y`, the only one of a CUT. */
  readonly direction?: Direction;
  /** What attributes are to be, by column, of a StarGAN or IcGAN run, which needs it: `{ glasses: '1', beard: '0' }`. */
  readonly set?: Readonly<Record<string, string>>;
  /**
   * Of an IcGAN: searches for the latent numbers of which, with its own attributes, most like a photo is made, in pixels or
   * to the face network, before attributes are set; seconds a photo. Default none: they are as the encoder tells.
   */
  readonly search?: LatentSearch;
  /**
   * What the change is multiplied by, 0 to 1.5; default 1: what the network made. 0.5 shows half of the change, 0 the
   * original.
   */
  readonly strength?: number;
  /** Also writes each translation translated back, at strength 1, as `<name>-back`; default false. */
  readonly cycle?: boolean;
  /** Also writes what was changed, grey where nothing was, as `<name>-difference`; default false. */
  readonly difference?: boolean;
  /** Also writes `sheet.png`, originals beside what was written for them; default false. */
  readonly sheet?: boolean;
  /** Draws the word "synthetic" into a corner of each translation; default false. */
  readonly mark?: boolean;
  /** Of the files; default `png`, without loss. */
  readonly format?: ImageFormat;
}

/** An image, and what was written for it. */
export interface TranslatedImage {
  readonly file: string;
  /** The translation. */
  readonly out: string;
  /** Pixels of the translation: those of the upright original, but for the fit `square`. */
  readonly width: number;
  readonly height: number;
  /** The translation translated back, when asked for. */
  readonly cycle?: string;
  /** What was changed, when asked for. */
  readonly difference?: string;
  /** Faces that were translated; absent unless asked for faces. */
  readonly faces?: number;
}

/** What {@link translateImages} returns. */
export interface ImageTranslations {
  readonly rows: readonly TranslatedImage[];
  readonly unreadable: readonly UnreadableImage[];
  readonly direction: Direction;
  /** What was asked for, in words: `direction x-to-y`, `glasses=1, beard=0`. */
  readonly what: string;
  readonly strength: number;
  /** How photos reached the network and the change the photos, as part of a sentence. */
  readonly fit: string;
  /** Paths of the sheets; none unless asked for. */
  readonly sheets: readonly string[];
}

/** The largest strength: beyond it, changes leave the range of pixels. */
const MOST_STRENGTH = 1.5;

/**
 * Writes the translations of images. Each keeps the size of its original, turned upright, but for the fit `square`; each
 * says in its metadata that it is synthetic, and by which run. What cannot be found or decoded, or shows no face where
 * faces were asked for, is reported among the results, and does not end the others.
 *
 * @param given image files, folders (with their subfolders), and patterns such as `faces/*.jpg`
 * @throws DataError when the folder holds no finished run that translates; OptionsError when an option is out of range,
 * the run has no such direction, two images would be written to one file, or a translation over an image; the reason of
 * `signal` when that is aborted: what was written until then is whole and stays
 */
export async function translateImages(
  run: string,
  given: readonly string[],
  options: TranslateImagesOptions,
): Promise<ImageTranslations> {
  const { out, direction = 'x-to-y', strength = 1, reporter = SILENT } = options;
  const { cycle = false, difference = false, format = 'png', signal } = options;
  checkStrength(strength);
  const asked = { direction, cycle, set: options.set ?? {}, search: options.search };
  const opened = await readTranslationRun(run, asked);
  const { record, generator, source, what, squareOnly } = opened;
  const { images, unreadable: missing } = await findImages(given);
  const files = outputFiles(images, { out, format, cycle, difference });
  await startEngine(options);
  const { height: imageSize, width: imageWidth } = imageSides(record.options);
  const sizes = { imageSize, imageWidth };
  const fit = await openFit({ ...sizes, x: source, generator, squareOnly }, options, reporter);
  registerLayers();
  const precision = precisionOfRun(record.options, reporter);
  const network = await openTranslators(run, { record, asked, precision, signal });
  try {
    const how = `${fit.text}${strength === 1 ? '' : `, strength ${strength}`}`;
    const provenance = runProvenance({ folder: run, record }, { what, how });
    const unreadable: UnreadableImage[] = [...missing];
    const work = { images, files, fit, network, provenance, unreadable, strength, options };
    const rows = await translateAll(work);
    const title = `${titleOf(record.name, direction)}, synthetic`;
    const sheets =
      options.sheet === true && rows.length > 0
        ? await writeTranslationSheets(out, rows, { title, provenance })
        : [];
    return { rows, unreadable, direction, what, strength, fit: how, sheets };
  } finally {
    network.dispose();
    await fit.dispose?.();
  }
}

function checkStrength(strength: number): void {
  if (strength >= 0 && strength <= MOST_STRENGTH) return;
  throw new OptionsError(
    `translate: strength must be from 0 to ${MOST_STRENGTH}, but got ${strength}. 1 is what the network made, 0.5 half of the change.`,
  );
}

/** A run is called `X to Y`. */
function titleOf(name: string, direction: Direction): string {
  const [x, y] = name.split(' to ');
  return direction === 'x-to-y' || x === undefined || y === undefined ? name : `${y} to ${x}`;
}

/** Everything that {@link translateAll} needs. */
interface TranslationWork {
  readonly images: readonly FoundImage[];
  readonly files: ReadonlyMap<string, OutputFiles>;
  readonly fit: Fit;
  readonly network: OpenTranslators;
  readonly provenance: Provenance;
  readonly unreadable: UnreadableImage[];
  readonly strength: number;
  readonly options: TranslateImagesOptions;
}

async function translateAll(work: TranslationWork): Promise<readonly TranslatedImage[]> {
  const { images, files, fit, network, unreadable, strength, options } = work;
  const { reporter = SILENT, signal } = options;
  const rows: TranslatedImage[] = [];
  for await (const { photos, done } of cutPhotos(images, fit, unreadable)) {
    signal?.throwIfAborted();
    const cut = photos.map(({ photo }) => photo);
    const translated = await translatedPhotos(cut, { ...network, strength });
    for (const [i, { image, photo }] of photos.entries()) {
      const [made, paths] = [translated[i], files.get(image.file)];
      if (made === undefined || paths === undefined) continue;
      const written = await writePhoto({ photo, made, paths }, work);
      rows.push({ file: image.file, ...written });
    }
    reporter.progress({ done, total: images.length, unit: 'images', label: 'translating' });
  }
  return rows;
}

async function writePhoto(
  {
    photo,
    made,
    paths,
  }: { readonly photo: CutPhoto; readonly made: TranslatedPhoto; readonly paths: OutputFiles },
  { provenance, options }: Pick<TranslationWork, 'provenance' | 'options'>,
): Promise<Omit<TranslatedImage, 'file'>> {
  const { mark = false, difference = false } = options;
  const write = async (path: string, image: RgbImage): Promise<void> => {
    const pixels = mark ? await withMark(image) : image.pixels;
    await writeImage(path, { ...image, pixels }, provenance);
  };
  await write(paths.out, made.fake);
  if (made.cycled !== undefined) await write(paths.cycle, made.cycled);
  if (difference) await write(paths.difference, differenceImage(photo.image, made.fake));
  const { width, height } = made.fake;
  return {
    ...{ out: paths.out, width, height },
    ...(made.cycled === undefined ? {} : { cycle: paths.cycle }),
    ...(difference ? { difference: paths.difference } : {}),
    ...(photo.faces === undefined ? {} : { faces: photo.faces }),
  };
}
