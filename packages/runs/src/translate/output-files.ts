/** Where translations go. */
import { basename, dirname, extname, join, resolve } from 'node:path';
import { OptionsError } from '@janus/core';
import type { FoundImage } from '@janus/data';
import type { ImageFormat } from '@janus/images';

/** The files that one image leads to. */
export interface OutputFiles {
  readonly out: string;
  /** The translation translated back. */
  readonly cycle: string;
  /** What the translation changed. */
  readonly difference: string;
}

/** Which files are written. */
export interface OutputOptions {
  /** Folder. */
  readonly out: string;
  readonly format: ImageFormat;
  readonly cycle: boolean;
  readonly difference: boolean;
}

/**
 * Returns where the translation of each image goes: its name below the folder that was given, with the format's ending.
 *
 * @throws OptionsError when two would be written to one file, or one over an image
 */
export function outputFiles(
  images: readonly FoundImage[],
  options: OutputOptions,
): ReadonlyMap<string, OutputFiles> {
  const { out, format } = options;
  const plain = ({ name }: FoundImage): string =>
    join(out, dirname(name), basename(name, extname(name)));
  const counts = new Map<string, number>();
  for (const image of images) counts.set(plain(image), (counts.get(plain(image)) ?? 0) + 1);
  const files = new Map<string, OutputFiles>();
  const check = checkFree(images);
  for (const image of images) {
    // a.jpg and a.png become a.jpg.png and a.png.png.
    const stem = counts.get(plain(image)) === 1 ? plain(image) : join(out, image.name);
    const each = {
      out: `${stem}.${format}`,
      cycle: `${stem}-back.${format}`,
      difference: `${stem}-difference.${format}`,
    };
    check(each.out, image);
    if (options.cycle) check(each.cycle, image);
    if (options.difference) check(each.difference, image);
    files.set(image.file, each);
  }
  return files;
}

/** Returns a check that no path is given twice, and none is an image's. */
function checkFree(images: readonly FoundImage[]): (path: string, image: FoundImage) => void {
  const taken = new Set<string>();
  const sources = new Set(images.map(({ file }) => resolve(file)));
  return (path, image) => {
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
  };
}
