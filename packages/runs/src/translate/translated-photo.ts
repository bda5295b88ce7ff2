/** The images that are made of one photo. */
import type { RgbImage } from '@janus/images';
import type { TranslatedImages, Translator } from '@janus/models';
import type { CutPhoto } from './fit.js';

/** The images of a photo. */
export interface TranslatedPhoto {
  readonly fake: RgbImage;
  /** The fake translated back, at full strength; undefined when not asked for. */
  readonly cycled: RgbImage | undefined;
}

/** How {@link translatedPhotos} translates. */
export interface Translation {
  readonly there: Translator;
  /** The other generator; absent when nothing is translated back. */
  readonly back?: Translator | undefined;
  readonly strength: number;
}

/** Returns the images of photos, which are translated together where their pieces have the same size. */
export async function translatedPhotos(
  photos: readonly CutPhoto[],
  { there, back, strength }: Translation,
): Promise<readonly TranslatedPhoto[]> {
  const made = await translatePieces(photos, there, (photo) => photo.pieces.images);
  const returned =
    back === undefined
      ? undefined
      : await translatePieces(photos, back, (photo) => madeOf(made, photo).images);
  return photos.map((photo) => ({
    fake: photo.pieces.join(madeOf(made, photo), strength),
    // Two bends after each other are not one: what came back is a change of values.
    cycled: returned && photo.pieces.join({ images: madeOf(returned, photo).images }, 1),
  }));
}

type Made = ReadonlyMap<CutPhoto, TranslatedImages>;

const madeOf = (made: Made, photo: CutPhoto): TranslatedImages =>
  made.get(photo) ?? { images: new Uint8Array() };

async function translatePieces(
  photos: readonly CutPhoto[],
  translator: Translator,
  imagesOf: (photo: CutPhoto) => Uint8Array,
): Promise<Made> {
  const made = new Map<CutPhoto, TranslatedImages>();
  for (const { width, height, group } of bySize(photos)) {
    const images = Buffer.concat(group.map(imagesOf));
    const all = await translator.translate({ images, width, height });
    let from = 0;
    for (const photo of group) {
      const to = from + photo.pieces.images.length / images.length;
      made.set(photo, shareOf(all, from, to));
      from = to;
    }
  }
  return made;
}

/** Returns the images from one share of all to another. */
function shareOf(all: TranslatedImages, from: number, to: number): TranslatedImages {
  const part = <T extends Uint8Array | Float32Array>(values: T): T =>
    values.subarray(Math.round(from * values.length), Math.round(to * values.length)) as T;
  const images = part(all.images);
  const { bend } = all;
  if (bend === undefined) return { images };
  return { images, bend: { ...bend, images: part(bend.images), field: part(bend.field) } };
}

interface SizeGroup {
  readonly width: number;
  readonly height: number;
  readonly group: CutPhoto[];
}

/** Returns the photos by the size of their pieces, in their order. */
function bySize(photos: readonly CutPhoto[]): Iterable<SizeGroup> {
  const groups = new Map<string, SizeGroup>();
  for (const photo of photos) {
    const { width, height } = photo.pieces;
    const key = `${width}x${height}`;
    const known = groups.get(key) ?? { width, height, group: [] };
    known.group.push(photo);
    groups.set(key, known);
  }
  return groups.values();
}
