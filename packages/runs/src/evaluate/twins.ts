/** The twins of generated faces: the same faces, drawn with the other value. */
import { forEachConcurrently, type Reporter } from '@janus/core';
import { openCrops, parseFilter, readDatasetRecord } from '@janus/data';
import {
  changeFace,
  FACE_VALUES,
  renderPlannedFace,
  type FaceAttributes,
  type PlannedFace,
} from '@janus/faces';
import { bytesOf, decodeImage, type Sides } from '@janus/images';
import { imageDistances, type SizedImages } from '@janus/models';
import { placeOf, type Domain } from '../cyclegan/domains.js';
import { drawnFacesOf, type DrawnFaces } from '../dataset/drawn-faces.js';
import type { StoredImage } from '../parts.js';

/** The twins of a domain's images. */
export interface Twins {
  /** uint8 [N, size, width, 3]: of the images that have one. */
  readonly images: SizedImages;
  /** Which of the domain's images each is the twin of, as places in its list. */
  readonly places: readonly number[];
  /** The person of each. */
  readonly people: readonly string[];
}

/** What {@link twinsOf} needs beside a domain. */
export interface TwinsOptions {
  /** The domain that the images are translated to. */
  readonly to: Domain;
  /** The images of the first domain, in the order of its items. */
  readonly images: SizedImages;
  readonly reporter: Reporter;
  /** Ends the drawing between faces. */
  readonly signal?: AbortSignal | undefined;
}

/** Images that are drawn again unchanged, to see whether this version draws as the one did that made the data. */
const DRAWN_AGAIN = 4;

/**
 * Mean difference above which an image counts as drawn otherwise, 0 to 2 (signed pixels): half a level. Another version
 * of the encoder stays below; another drawing does not.
 */
const SAME_DRAWING = 0.5 / 127.5;

/**
 * Returns the twin of every image of a domain: what a perfect translation would make of it. It is the planned face of the
 * image, drawn with the value of the other domain, with the same noise, file format, region of the crop and size. An
 * image has none where it shows no whole face, or where its label is wrong on purpose: then it shows the other value already.
 *
 * @returns undefined where the domains are not two values of attributes of generated faces, or were drawn by a version
 * that drew otherwise (which is logged)
 */
export async function twinsOf(
  from: Domain,
  { to, images, reporter, signal }: TwinsOptions,
): Promise<Twins | undefined> {
  const change = changeBetween(from, to);
  if (from.folder === undefined || change === undefined) return undefined;
  const drawn = drawnFacesOf(await readDatasetRecord(from.folder));
  if (drawn === undefined) return undefined;
  const found = from.items.flatMap((item, place): Drawing[] => {
    const plan = drawn.plans.get(item.id);
    return plan === undefined || !isWhole(plan) || !hasValues(plan, change.before)
      ? []
      : [{ item, place, plan }];
  });
  if (found.length === 0) return undefined;
  const { size, width } = images;
  const sides = { size, width };
  const draw = await artist(from.folder, drawn, sides);
  if (!(await drawsTheSame(found.slice(0, DRAWN_AGAIN), images, draw))) {
    reporter.log(
      `${from.folder}: this version of Janus draws its faces otherwise than the one that made them, so they have no twins. Make the data again with \`janus data import synthetic\`.`,
    );
    return undefined;
  }
  const bytes = bytesOf(sides);
  const pixels = new Uint8Array(found.length * bytes);
  let done = 0;
  await forEachConcurrently(found, async (drawing, i) => {
    signal?.throwIfAborted();
    pixels.set(await draw(drawing, change.after), i * bytes);
    done += 1;
    reporter.progress({ done, total: found.length, unit: 'faces', label: 'drawing twins' });
  });
  return {
    images: { pixels, count: found.length, ...sides },
    places: found.map(({ place }) => place),
    people: found.map(({ plan: { face } }) => `${face.key.seed}/${face.key.person}`),
  };
}

/** An image of a domain and what it was drawn from. */
interface Drawing {
  readonly item: StoredImage;
  readonly place: number;
  readonly plan: PlannedFace;
}

/** Values of attributes. */
type Values = Readonly<Record<string, string>>;

/** Returns the values of two domains; undefined where they are not values of the same attributes. */
function changeBetween(
  from: Domain,
  to: Domain,
):
  | { readonly before: Partial<FaceAttributes>; readonly after: Partial<FaceAttributes> }
  | undefined {
  const [before, after] = [from, to].map(valuesOf);
  if (before === undefined || after === undefined) return undefined;
  const columns = Object.keys(before);
  const isSame = columns.length === Object.keys(after).length && columns.every((c) => c in after);
  return isSame ? { before, after } : undefined;
}

/** Returns the columns that two domains have different values of, as far as filters tell. */
export function changedBetween(a: Domain, b: Domain): readonly string[] {
  const [first, second] = [a, b].map(({ source }): Values => {
    const { filter } = placeOf(source);
    return filter === '' ? {} : parseFilter(filter);
  });
  return Object.keys({ ...first, ...second }).filter((c) => first?.[c] !== second?.[c]);
}

/** Returns the values of attributes that a domain is chosen by; undefined where it is chosen by anything else. */
function valuesOf({ source }: Domain): Values | undefined {
  const { filter } = placeOf(source);
  if (filter === '') return undefined;
  const values = parseFilter(filter);
  const known = Object.entries(values).every(([c, value]) => FACE_VALUES[c]?.includes(value));
  return known ? values : undefined;
}

/** Whether an image shows a face: not a single colour, and not half a file. */
const isWhole = ({ planted }: PlannedFace): boolean => planted !== 'blank' && planted !== 'corrupt';

const hasValues = ({ face }: PlannedFace, values: Partial<FaceAttributes>): boolean =>
  Object.entries(values).every(
    ([column, value]) => face.attributes[column as keyof FaceAttributes] === value,
  );

/** Draws a face with some values changed, as its image was made: uint8 [size, width, 3]. */
type Draw = (drawing: Drawing, change: Partial<FaceAttributes>) => Promise<Uint8Array>;

async function artist(folder: string, { image }: DrawnFaces, sides: Sides): Promise<Draw> {
  const crop = await openCrops(folder);
  return async ({ item, plan }, change) => {
    const changed = { ...plan, face: changeFace(plan.face, change) };
    const file = await crop(item, await renderPlannedFace(changed, image));
    return await decodeImage(file, { ...sides, name: item.id });
  };
}

async function drawsTheSame(
  some: readonly Drawing[],
  { pixels, size, width }: SizedImages,
  draw: Draw,
): Promise<boolean> {
  const bytes = bytesOf({ size, width });
  for (const drawing of some) {
    const again = await draw(drawing, {});
    const stored = pixels.subarray(drawing.place * bytes, (drawing.place + 1) * bytes);
    const [difference = 0] = imageDistances(again, stored, 1);
    if (difference > SAME_DRAWING) return false;
  }
  return true;
}
