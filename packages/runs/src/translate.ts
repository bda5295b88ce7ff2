import { basename, dirname, extname, join, resolve } from 'node:path';
import { OptionsError, SILENT } from '@janus/core';
import { findImages, type FoundImage } from '@janus/data';
import { writePng } from '@janus/images';
import { loadModel, registerLayers, translate } from '@janus/models';
import { startEngine, type ReadContext } from './context.js';
import { readCycleGanRun } from './cyclegan/options.js';
import { precisionOfRun } from './precision.js';
import { decodedImages, type UnreadableImage } from './decoded-images.js';

/** Options of {@link translateImages}. */
export interface TranslateImagesOptions extends ReadContext {
  /** Folder that the translations are written to, as PNG; images of subfolders go into subfolders. */
  readonly out: string;
  /** Which generator; default `x-to-y`. */
  readonly direction?: 'x-to-y' | 'y-to-x';
}

/** What {@link translateImages} returns. */
export interface ImageTranslations {
  /** Each image with the file of its translation. */
  readonly rows: readonly { readonly file: string; readonly out: string }[];
  readonly unreadable: readonly UnreadableImage[];
}

/**
 * Writes the translations of images, each cut to its middle square and scaled to the run's size. What cannot be found or
 * decoded is reported among the results, and does not end the others.
 *
 * @param given image files, folders (with their subfolders), and patterns such as `faces/*.jpg`
 * @throws DataError when the folder holds no finished CycleGAN run; OptionsError when two images would be
 * written to one file, or a translation over an image
 */
export async function translateImages(
  run: string,
  given: readonly string[],
  options: TranslateImagesOptions,
): Promise<ImageTranslations> {
  const { out, direction = 'x-to-y', reporter = SILENT } = options;
  const record = await readCycleGanRun(run);
  const { images, unreadable: missing } = await findImages(given);
  const outs = outputsOf(images, out);
  await startEngine(options);
  registerLayers();
  const generator = await loadModel(join(run, 'model', direction === 'x-to-y' ? 'G' : 'F'));
  try {
    const { imageSize: size } = record.options;
    const precision = precisionOfRun(record.options, reporter);
    const rows: { readonly file: string; readonly out: string }[] = [];
    const unreadable: UnreadableImage[] = [...missing];
    const bytes = size * size * 3;
    for await (const { images: some, pixels, done } of decodedImages(images, size, unreadable)) {
      if (some.length === 0) continue;
      const square = { images: pixels, height: size, width: size };
      const fakes = await translate(generator, square, { precision });
      for (const [i, { file }] of some.entries()) {
        const fake = fakes.subarray(i * bytes, (i + 1) * bytes);
        const path = outs.get(file) ?? '';
        await writePng(path, { pixels: fake, width: size, height: size });
        rows.push({ file, out: path });
      }
      reporter.progress({ done, total: images.length, unit: 'images', label: 'translating' });
    }
    return { rows, unreadable };
  } finally {
    generator.dispose();
  }
}

/** Returns where the translation of each image goes: its name below the folder that was given, ending in .png. */
function outputsOf(images: readonly FoundImage[], out: string): ReadonlyMap<string, string> {
  const plain = ({ name }: FoundImage): string =>
    join(out, dirname(name), `${basename(name, extname(name))}.png`);
  const counts = new Map<string, number>();
  for (const image of images) counts.set(plain(image), (counts.get(plain(image)) ?? 0) + 1);
  const outs = new Map<string, string>();
  const taken = new Set<string>();
  const sources = new Set(images.map(({ file }) => resolve(file)));
  for (const image of images) {
    // a.jpg and a.png become a.jpg.png and a.png.png.
    const path = counts.get(plain(image)) === 1 ? plain(image) : join(out, `${image.name}.png`);
    if (taken.has(path)) {
      throw new OptionsError(
        `translate: names must differ within --out, but ${basename(path)} would be written twice. Translate one folder at a time.`,
      );
    }
    if (sources.has(resolve(path))) {
      throw new OptionsError(
        `translate: --out must not hold the images, but the translation of ${image.file} would replace ${path}. Name another folder with --out.`,
      );
    }
    taken.add(path);
    outs.set(image.file, path);
  }
  return outs;
}
