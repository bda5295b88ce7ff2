/** Measures whether both directions of a translation keep who is shown. */
import type { FaceEvaluation, Reporter } from '@janus/core';
import { readManifest } from '@janus/data';
import { resizeImages } from '@janus/images';
import { embedFaces, FACE_EMBEDDING_SIZE, type Features, type SizedImages } from '@janus/models';
import type { Domain } from '../cyclegan/domains.js';
import { faceMeasures } from './face-pairs.js';
import type { DomainImages } from './measure-direction.js';

/** One direction's images. */
export interface FaceDirection {
  readonly domain: Domain;
  readonly from: Omit<DomainImages, 'people'>;
  /** uint8 [N, size, width, 3]. */
  readonly fakes: Uint8Array;
  readonly reporter: Reporter;
  /** Ends the work between batches. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns how like its original each fake is to the face network, which neither generators nor judge depend on.
 *
 * @returns undefined where the data set does not say who is shown: its images may be of anything
 */
export async function measureFaces(direction: FaceDirection): Promise<FaceEvaluation | undefined> {
  const { domain, from, fakes, reporter, signal } = direction;
  const people = await peopleOf(domain);
  if (people === undefined) return undefined;
  const embedded = async (images: SizedImages, of: string): Promise<Features> => {
    // The size that the network was trained on: at half of it, people are told apart much worse.
    const pixels = await resizeImages(images, FACE_EMBEDDING_SIZE);
    const options = { report: reporter.progress, label: `faces, ${of}`, signal };
    return await embedFaces({ pixels, count: images.count, size: FACE_EMBEDDING_SIZE }, options);
  };
  const { twins, title, size, width = size } = from;
  const shown = width === size ? 'images' : 'middle squares of images';
  const features = {
    originals: await embedded(from, `images of ${title}`),
    fakes: await embedded({ ...from, pixels: fakes }, `fakes of ${title}`),
    ...(twins === undefined
      ? {}
      : {
          twins: {
            features: await embedded(twins.images, `twins of ${title}`),
            places: twins.places,
          },
        }),
  };
  return {
    ...faceMeasures(features, people),
    protocol: `faces: mean cosine of embeddings by faceres, ${shown} scaled to ${FACE_EMBEDDING_SIZE} px`,
  };
}

/** Returns the person of each image of a domain; undefined where the data does not say who is shown. */
export async function identitiesOf({
  folder,
  items,
}: Domain): Promise<readonly (string | undefined)[]> {
  const rows = folder === undefined ? [] : await readManifest(folder);
  const known = new Map(rows.map(({ id, identity }) => [id, identity]));
  return items.map(({ id }) => known.get(id) ?? undefined);
}

/** Returns the person of each image; undefined where the data does not say of all. */
async function peopleOf(domain: Domain): Promise<readonly string[] | undefined> {
  const people = await identitiesOf(domain);
  return people.every((person) => person !== undefined) ? people : undefined;
}
