import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@janus/core';
import { figureSix, type SheetImage } from '@janus/figures';
import {
  decodeUpright,
  firstImages,
  pixelsOf,
  writeImage,
  type ImageSet,
  type Sides,
} from '@janus/images';
import { translationAlarms, type SampleOptions, type TranslationAlarms } from '@janus/models';
import type { SampleAlarms } from '../collapse.js';

/** Images of each domain on a sample sheet. */
const SAMPLES = 8;

/** Returns the first images of both domains: those whose translations are watched. */
export async function sampleImages(imagesX: ImageSet, imagesY: ImageSet): Promise<SampleOptions> {
  const { size, width = size } = imagesX;
  const first = async (set: ImageSet): Promise<Uint8Array> => {
    const some = firstImages(set, SAMPLES);
    return (await pixelsOf(some)).slice(0, some.ids.length * size * width * 3);
  };
  return { imagesX: await first(imagesX), imagesY: await first(imagesY), size, width };
}

/** The images that are watched, and what their domains are called. */
export interface WatchedImages extends SampleOptions {
  readonly titles: { readonly x: string; readonly y: string };
}

/** The translations of the watched images after some updates. */
export interface Sample {
  readonly step: number;
  /** uint8 [N, size, width, 3]: of X to Y. */
  readonly fakeY: Uint8Array;
  /** uint8 [N, size, width, 3]: of Y to X; absent where only one direction is trained. */
  readonly fakeX?: Uint8Array;
}

/**
 * Writes a sheet per direction of the watched images and their fakes into `samples/` of a run's folder, and the fakes
 * alone into `samples/fakes/`, where {@link readSamples} finds them.
 */
export async function writeSamples(
  folder: string,
  { step, fakeY, fakeX }: Sample,
  { size, width = size, imagesX, imagesY, titles }: WatchedImages,
): Promise<void> {
  const { x, y } = titles;
  const ways = [
    { name: nameOf(step), originals: imagesX, fakes: fakeY, title: `${x} to ${y}` },
    { name: `${nameOf(step)}-back`, originals: imagesY, fakes: fakeX, title: `${y} to ${x}` },
  ];
  for (const { name, originals, fakes, title } of ways) {
    if (fakes === undefined) continue;
    const sheet = { size, width, originals, fakes, title };
    await writeFakes(join(folder, 'samples', `${name}.png`), sheet);
    await writeColumn(join(folder, FAKES, `${name}.png`), fakes, width);
  }
}

/** Below a run's folder. */
const FAKES = join('samples', 'fakes');

const nameOf = (step: number): string => `step-${String(step).padStart(6, '0')}`;

/** Writes images below each other as one file: the pixels follow each other as they do in memory. */
async function writeColumn(path: string, images: Uint8Array, width: number): Promise<void> {
  await writeImage(path, { pixels: images, width, height: images.length / (width * 3) });
}

/** Returns the samples that a run's folder has, up to a step, in their order; none of runs before `samples/fakes/`. */
export async function readSamples(
  folder: string,
  { upTo = Infinity }: { readonly upTo?: number } = {},
): Promise<readonly Sample[]> {
  const names = await readdir(join(folder, FAKES)).catch((): string[] => []);
  const steps = names
    .flatMap((name) => /^step-(\d{6,})\.png$/.exec(name)?.[1] ?? [])
    .map(Number)
    .filter((step) => step <= upTo)
    .sort((a, b) => a - b);
  return await Promise.all(
    steps.map(async (step) => {
      const path = join(folder, FAKES, nameOf(step));
      const { pixels: fakeY } = await decodeUpright(`${path}.png`);
      const hasBack = names.includes(`${nameOf(step)}-back.png`);
      if (!hasBack) return { step, fakeY };
      const { pixels: fakeX } = await decodeUpright(`${path}-back.png`);
      return { step, fakeY, fakeX };
    }),
  );
}

/** Returns how a sample differs from the watched images, by direction. */
export function alarmsOf(
  { fakeX, fakeY }: Sample,
  { imagesX, imagesY, size, width = size }: SampleOptions,
): SampleAlarms {
  const measure = (originals: Uint8Array, translated: Uint8Array): TranslationAlarms =>
    translationAlarms({ originals, translated, count: originals.length / (size * width * 3) });
  return {
    xToY: measure(imagesX, fakeY),
    ...(fakeX === undefined ? {} : { yToX: measure(imagesY, fakeX) }),
  };
}

/** Returns images one by one, as sheets take them; squares where there is no width. */
export function eachImage(
  pixels: Uint8Array,
  size: number,
  width: number = size,
): readonly SheetImage[] {
  const bytes = size * width * 3;
  return Array.from({ length: pixels.length / bytes }, (_, i) => {
    const data = pixels.slice(i * bytes, (i + 1) * bytes);
    return { data, width, height: size };
  });
}

/** What {@link writeFakes} draws: originals above, fakes below. */
export interface Fakes extends Sides {
  /** uint8 [N, size, width, 3]. */
  readonly originals: Uint8Array;
  /** uint8 [N, size, width, 3]. */
  readonly fakes: Uint8Array;
  readonly title: string;
  /** Text under each column; default none. */
  readonly captions?: readonly string[];
}

/** Draws the course paper's Figure 6. */
export async function writeFakes(file: string, options: Fakes): Promise<void> {
  const { size, width, originals, fakes, title, captions } = options;
  await writeFileAtomic(
    file,
    await figureSix({
      originals: eachImage(originals, size, width),
      fakes: eachImage(fakes, size, width),
      title,
      ...(captions === undefined ? {} : { captions }),
    }),
  );
}
