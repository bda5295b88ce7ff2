/** The features that labels are doubted by: of one cut of a pretrained backbone, kept in the data folder. */
import { createHash } from 'node:crypto';
import type { Reporter } from '@janus/core';
import type { Dataset, LabelledItem } from '@janus/data';
import { choosePrecision, type PrecisionChoice } from '@janus/engine';
import { decodeRecipe } from '@janus/images';
import {
  buildBackbone,
  buildPooling,
  cutAfter,
  joinModels,
  pretrainedWeights,
  setWeights,
  type BackboneName,
  type Features,
  type Pooling,
} from '@janus/models';
import { cachedFeatures, featureFile } from '../feature-cache.js';
import { featuresOfSet, openItems } from '../item-images.js';

/** What features are taken of images. */
export interface DoubtedFeaturesOptions {
  /** Pretrained. */
  readonly backbone: Exclude<BackboneName, 'small-vgg'>;
  /** Its weights, a Keras .h5 or a .safetensors file; default: from the cache, or fetched. */
  readonly weights?: string;
  /** Side of the images in pixels. */
  readonly size: number;
  /** The block after which features are taken, or `last`. */
  readonly cut: string;
  readonly pooling: Pooling;
  readonly precision: PrecisionChoice;
}

/** Where the images are, and who watches. */
interface ItemsOf {
  readonly dataset: Dataset;
  readonly items: readonly LabelledItem[];
  readonly reporter: Reporter;
  /** Ends the pass over the images between batches. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Returns the pooled features of images, float32 [N, D], computed once: labels may change meanwhile, as they do between
 * two reviews.
 *
 * @throws OptionsError when the backbone has no block of the cut's name, or its maps are too small for the pooling
 */
export async function doubtedFeatures(
  { dataset, items, reporter, signal }: ItemsOf,
  options: DoubtedFeaturesOptions,
): Promise<Features> {
  const { backbone: name, size, cut, pooling, weights: file } = options;
  const { precision } = await choosePrecision(options.precision);
  const whole = buildBackbone(name, { imageSize: size });
  try {
    const backbone = cut === 'last' ? whole : cutAfter(whole, cut);
    const inputShape = backbone.outputs[0]?.shape.slice(1).map(Number) ?? [];
    const network = joinModels(backbone, buildPooling({ inputShape, pooling }), 'features');
    const { weights, source, preprocessing, hash } = await pretrainedWeights(name, {
      ...(file === undefined ? {} : { file }),
      line: reporter.log,
      report: reporter.progress,
    });
    setWeights(whole, weights, source);
    const cache = featureFile(dataset.folder, {
      ...{ images: contentOf(dataset, items), part: 'review', weights: hash, cut, pooling, size },
      ...{ precision, preprocessing, decoders: decodeRecipe(size).decoders },
    });
    return await cachedFeatures(cache, async () =>
      featuresOfSet(network, await openItems(items, { size, folder: dataset.folder, reporter }), {
        ...{ preprocessing, precision, report: reporter.progress, label: `features of ${cut}` },
        signal,
      }),
    );
  } finally {
    whole.dispose();
  }
}

/** Returns a hash of what images show: their ids, paths and, after cleaning, the hashes of their files. */
function contentOf(dataset: Dataset, items: readonly LabelledItem[]): string {
  const rows = new Map(dataset.rows.map((row) => [row.id, row]));
  const hash = createHash('sha256');
  for (const { id } of items) {
    const { path = '', sha256 = null } = rows.get(id) ?? {};
    hash.update(JSON.stringify([id, path, sha256]));
  }
  return hash.digest('hex');
}
