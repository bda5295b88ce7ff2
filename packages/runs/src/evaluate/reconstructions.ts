/** Measures how well an IcGAN makes faces again, by where their latent numbers come from. */
import {
  EnvironmentError,
  type Interval,
  type LatentSource,
  type Reconstruction,
  type ReconstructionsEvaluation,
  type Reporter,
} from '@janus/core';
import { imageDistances, type SquareImages } from '@janus/models';
import type { CodedModel } from '../attributes/coded-model.js';
import { openSearchFeatures } from '../attributes/latent-searches.js';
import type { Domain } from '../cyclegan/domains.js';
import { decodeItems } from '../item-images.js';
import { measureFaces } from './measure-faces.js';

/** Images that are measured: a search takes a second or so each. */
const MOST_IMAGES = 32;

/** What the measures need. */
export interface ReconstructionsContext {
  /** All images that could be measured. */
  readonly domain: Domain;
  /** Side in pixels. */
  readonly size: number;
  readonly reporter: Reporter;
  /** Ends the work between batches, and between searches. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes the first images of a domain again, without a change, from what the encoder tells and behind each search. Where the
 * data does not say who is shown, or the engine cannot derive the face network, what needs faces is left out.
 */
export async function measureReconstructions(
  model: CodedModel,
  { domain: all, size, reporter, signal }: ReconstructionsContext,
): Promise<ReconstructionsEvaluation> {
  const domain = { ...all, items: all.items.slice(0, MOST_IMAGES) };
  const images = await decodeItems(domain.items, { size, folder: domain.folder, reporter });
  const from = { ...images, title: domain.title };
  const ways: Reconstruction[] = [];
  let pairs: Pick<ReconstructionsEvaluation, 'onePerson' | 'twoPeople'> = {};
  for (const latent of ['encoder', 'pixels', 'identity'] as const) {
    // Without faces there is no identity to keep.
    if (latent === 'identity' && ways.every(({ face }) => face === undefined)) continue;
    signal?.throwIfAborted();
    reporter.log(`Making ${images.count} images again: ${latent}.`);
    const fakes = await madeAgain(model, images, { latent, reporter });
    if (fakes === undefined) continue;
    const distances = imageDistances(fakes, images.pixels, images.count);
    const face = await measureFaces({ domain, from, fakes, reporter, signal });
    if (face !== undefined) {
      const { onePerson, twoPeople } = face;
      pairs = {
        ...(onePerson === undefined ? {} : { onePerson: intervalOf(onePerson) }),
        ...(twoPeople === undefined ? {} : { twoPeople: intervalOf(twoPeople) }),
      };
    }
    ways.push({
      latent,
      differenceL1: distances.reduce((sum, value) => sum + value, 0) / distances.length,
      ...(face === undefined ? {} : { face: intervalOf(face.fakes) }),
    });
  }
  return { n: images.count, ways, ...pairs };
}

const intervalOf = ({ value, low, high }: Interval): Interval => ({ value, low, high });

/** Returns images made again: uint8 [N, size, size, 3]; undefined where the engine cannot. */
async function madeAgain(
  model: CodedModel,
  { pixels, size }: SquareImages,
  { latent, reporter }: { readonly latent: LatentSource; readonly reporter: Reporter },
): Promise<Uint8Array | undefined> {
  const input = { images: pixels, height: size, width: size };
  if (latent === 'encoder') {
    const translator = model.translator([]);
    try {
      return (await translator.translate(input)).images;
    } finally {
      translator.dispose();
    }
  }
  try {
    const opened = await openSearchFeatures(latent);
    try {
      return (await model.searching([], opened.features).translate(input)).images;
    } finally {
      opened.dispose();
    }
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    reporter.log(error.message);
    return undefined;
  }
}
