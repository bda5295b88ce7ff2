/** The page and the sheet of the images that say most about a classifier. */
import { basename } from 'node:path';
import { countText, percentText } from '@janus/core';
import {
  contactSheet,
  imageRows,
  galleryPage,
  type GallerySection,
  type GalleryTile,
} from '@janus/figures';
import type { LookedAt, LookResult } from './look-result.js';

/** Where images are, and their maps. */
export interface LookImages {
  readonly paths: ReadonlyMap<string, string>;
  /** By id: uint8 [size, size, 3]. */
  readonly overlays: ReadonlyMap<string, Uint8Array>;
}

/** What is said where maps show nothing. */
const FLAT_MAPS =
  'The maps of what the network looks at are flat: at this size of images, its last block has one place. A cut at an earlier block has more.';

/** Pairs of classes that are listed. */
const PAIRS = 10;

/** Returns the page of a look. */
export async function lookPage(
  result: Omit<LookResult, 'page' | 'sheet'>,
  images: LookImages,
): Promise<string> {
  const { run, target, n } = result;
  const section = (title: string, text: string, list: readonly LookedAt[]): GallerySection => ({
    ...{ title, text, tiles: list.flatMap((each) => tileOf(each, images)) },
  });
  return await galleryPage({
    title: `${target}: ${basename(run)}`,
    lead: `${countText(n)} images of the evaluation. Labels are the data set's; a prediction says what an image looks like to the classifier, not what somebody is.${mapsText(result)}`,
    sections: [
      section(
        'Top losses',
        'The label had the least probability: the classifier is wrong, or the label is.',
        result.topLosses,
      ),
      { title: 'Most confused', text: confusedText(result), tiles: [] },
      section('Right, but least sure', 'Right with the least probability.', result.leastSure),
      section('Right and surest', 'Right with the largest probability.', result.surest),
    ],
  });
}

function mapsText({ sanity }: Pick<LookResult, 'sanity'>): string {
  if (sanity === null) return '';
  if (sanity.n === 0) return ` ${FLAT_MAPS}`;
  const check = `Rank correlation with the maps of the same network with shuffled weights, mean of ${sanity.n} images: ${sanity.head.toFixed(2)} with the head's shuffled, ${sanity.all.toFixed(2)} with all`;
  return ` The second image shows where the logit of the prediction comes from (Grad-CAM: yellow most, each image by itself). ${check}; near 1 would mean that maps show the image, not what was learned. A map says where, not why.`;
}

function confusedText({ mostConfused }: Pick<LookResult, 'mostConfused'>): string {
  if (mostConfused.length === 0) return 'No image was taken for another class.';
  const pairs = mostConfused
    .slice(0, PAIRS)
    .map(({ label, predicted, count }) => `${label} taken for ${predicted}: ${countText(count)}`);
  return `${pairs.join('; ')}.`;
}

function tileOf(each: LookedAt, { paths, overlays }: LookImages): readonly GalleryTile[] {
  const { id, label, predicted, probability, loss } = each;
  const path = paths.get(id);
  if (path === undefined) return [];
  const overlay = overlays.get(id);
  return [
    {
      image: path,
      ...(overlay === undefined ? {} : { beside: overlay }),
      heading: `${predicted} ${percentText(probability)}`,
      lines: [`label: ${label}`, `loss ${loss.toFixed(2)}`, id],
      frame: label === predicted ? 'right' : 'wrong',
    },
  ];
}

/** Images on a sheet of maps: as wide as a page. */
const MAPPED = 10;

/** Returns the top losses with what the network looks at below each, as a PNG file; undefined where there are no maps. */
export async function lookMaps(
  { topLosses, target }: Pick<LookResult, 'topLosses' | 'target'>,
  { paths, overlays }: LookImages,
): Promise<Buffer | undefined> {
  const mapped = topLosses
    .flatMap((each) => {
      const [path, overlay] = [paths.get(each.id), overlays.get(each.id)];
      return path === undefined || overlay === undefined ? [] : [{ ...each, path, overlay }];
    })
    .slice(0, MAPPED);
  if (mapped.length === 0) return undefined;
  return await imageRows({
    rows: [
      { label: 'image', images: mapped.map(({ path }) => path) },
      { label: 'looked at', images: mapped.map(({ overlay }) => overlay) },
    ],
    captions: mapped.map(
      ({ predicted, probability, label }) =>
        `${predicted} ${percentText(probability)}\nlabel: ${label}`,
    ),
    cellSize: 96,
    title: `${target}: top losses`,
  });
}

/** Returns the top losses as a sheet: a PNG file. */
export async function lookSheet(
  { topLosses, target }: Pick<LookResult, 'topLosses' | 'target'>,
  paths: ReadonlyMap<string, string>,
): Promise<Buffer> {
  return await contactSheet({
    images: topLosses.map(({ id }) => paths.get(id) ?? ''),
    captions: topLosses.map(
      ({ predicted, probability, label }) =>
        `${predicted} ${percentText(probability)}\nlabel: ${label}`,
    ),
    frames: topLosses.map(({ label, predicted }) => (label === predicted ? 'right' : 'wrong')),
    title: `${target}: top losses`,
  });
}
