import { existsSync } from 'node:fs';
import { DataError, type EvaluatedImages, type PartImage, type Reporter } from '@janus/core';
import type { SplitName } from '@janus/data';
import type { Sides } from '@janus/images';
import { openItems } from '../item-images.js';
import {
  contentHashes,
  countAmong,
  presentImages,
  type PresentImages,
  type StoredImage,
} from '../parts.js';

/** What {@link chooseImages} chooses from. */
export interface ImageChoice extends Sides {
  /** What the images are of, in messages: the data folder, or a domain's source. */
  readonly place: string;
  readonly split: SplitName;
  /** The images of the run's own part; undefined where it does not say. */
  readonly part: readonly PartImage[] | undefined;
  /** All images that the data has now; looked at where there is a part. */
  readonly now: () => Promise<readonly StoredImage[]>;
  /** The part as the data is split now; looked at where the run does not say. */
  readonly current: () => Promise<readonly StoredImage[]>;
  /** Content hashes of the images that the run was trained on; undefined where it does not say. */
  readonly trained: ReadonlySet<string> | undefined;
  /** Whether the data is what it was when the run began; undefined where it is not known. */
  readonly sameData: boolean | undefined;
  /** The data folder of the images, which may hold a pack; absent for a plain folder. */
  readonly folder?: string | undefined;
  readonly reporter: Reporter;
}

/** The images of an evaluation. */
export interface ChosenImages {
  /** With their content hashes; null where a file cannot be read. */
  readonly stored: readonly StoredImage[];
  readonly facts: EvaluatedImages;
}

/**
 * Returns the images that a run is measured on: those of its own part which are there as they were, however the data has
 * been split since; for a run that does not say which they were, those of the data's part now. Reports what differs from
 * the training, in a line each.
 *
 * @throws DataError when the part has no images, or none of them is there as it was
 */
export async function chooseImages(choice: ImageChoice): Promise<ChosenImages> {
  const { place, split, part, trained, sameData, reporter } = choice;
  const found = part === undefined ? await currentImages(choice) : await ownImages(choice, part);
  const { present: stored, gone, changed } = found;
  const n = stored.length;
  if (n === 0) {
    throw new DataError(
      part === undefined || part.length === 0
        ? `${place}: evaluation needs images, but the ${split} part has none. Choose another part with --split, or split the data and train again.`
        : `${place}: has none of the run's ${part.length} ${split} images as they were (${gone} gone, ${changed} changed). Name the data that the run was trained with: --data.`,
      { path: place },
    );
  }
  if (sameData === false) {
    reporter.log(
      part === undefined
        ? `${place}: the data has changed since the run was trained, which does not say on which images: some of the ${n} measured here may be among them.`
        : `${place}: the data has changed since the run was trained; measuring the run's own ${split} images.`,
    );
  }
  if (gone + changed > 0) {
    reporter.log(
      `${place}: of the run's ${n + gone + changed} ${split} images, ${gone} are gone and ${changed} have another content now; measuring the other ${n}.`,
    );
  }
  const trainedOn =
    trained === undefined
      ? undefined
      : countAmong(
          stored.map(({ sha256 }) => sha256),
          trained,
        );
  if (trainedOn !== undefined && trainedOn > 0 && split !== 'train') {
    reporter.log(
      `${place}: the run was trained on ${trainedOn} of the ${n} images that are measured: the figures are too good for new ones.`,
    );
  }
  return {
    stored,
    facts: {
      source: part === undefined ? 'data' : 'run',
      gone,
      changed,
      ...(trainedOn === undefined ? {} : { trainedOn }),
      ...(sameData === undefined ? {} : { sameData }),
    },
  };
}

async function currentImages({ current }: ImageChoice): Promise<PresentImages> {
  const stored = await current();
  const hashes = await contentHashes(stored);
  const present = stored.map((image, i) => ({ ...image, sha256: hashes[i] ?? null }));
  return { present, gone: 0, changed: 0 };
}

async function ownImages(choice: ImageChoice, part: readonly PartImage[]): Promise<PresentImages> {
  const { now, size, width, folder, reporter } = choice;
  const found = await presentImages(part, await now());
  const there = found.present.filter(({ path }) => existsSync(path));
  const lost = found.present.length - there.length;
  if (lost === 0) return found;
  // A pack may hold the images of files that were removed since.
  const { source } = await openItems(found.present, { size, width, folder, reporter });
  return source.kind === 'packed' ? found : { ...found, present: there, gone: found.gone + lost };
}
