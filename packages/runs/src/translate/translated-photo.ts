/** The images that are made of one photo. */
import type { RgbImage } from '@janus/images';
import type { Translator } from '@janus/models';
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
  const translated = await translatePieces(photos, there, (photo) => photo.pieces.images);
  const returned =
    back === undefined
      ? undefined
      : await translatePieces(photos, back, (photo) => pixelsIn(translated, photo));
  return photos.map((photo) => ({
    fake: photo.pieces.join(pixelsIn(translated, photo), strength),
    cycled: returned && photo.pieces.join(pixelsIn(returned, photo), 1),
  }));
}

type PiecePixels = ReadonlyMap<CutPhoto, Uint8Array>;

const pixelsIn = (pixels: PiecePixels, photo: CutPhoto): Uint8Array =>
  pixels.get(photo) ?? new Uint8Array();

async function translatePieces(
  photos: readonly CutPhoto[],
  translator: Translator,
  imagesOf: (photo: CutPhoto) => Uint8Array,
): Promise<PiecePixels> {
  const pixels = new Map<CutPhoto, Uint8Array>();
  for (const { width, height, group } of bySize(photos)) {
    const images = Buffer.concat(group.map(imagesOf));
    const made = await translator.translate({ images, width, height });
    let from = 0;
    for (const photo of group) {
      const to = from + photo.pieces.images.length;
      pixels.set(photo, made.subarray(from, to));
      from = to;
    }
  }
  return pixels;
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
