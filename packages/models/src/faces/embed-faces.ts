import { buildBackbone } from '../backbones/backbones.js';
import { setWeights } from '../backbones/load-weights.js';
import { pretrainedWeights } from '../backbones/weights.js';
import {
  computeFeatures,
  type ComputeOptions,
  type Features,
  type ImageStream,
  type SquareImages,
} from '../features.js';
import { averagedBackbone } from '../image-metrics/embedding.js';

/** Side of the images that the face backbone was trained on, in pixels. */
export const FACE_EMBEDDING_SIZE = 224;

/** Options of {@link embedFaces}. */
export interface EmbedFacesOptions extends ComputeOptions {
  /** Side of the images of a stream in pixels, at least 32; default {@link FACE_EMBEDDING_SIZE}. */
  readonly size?: number;
}

/**
 * Returns what the face backbone `faceres` makes of faces: 1,024 numbers that are alike for images of one person, which
 * is what it was first trained for. Compare two by the cosine of their angle. Start the engine first.
 *
 * @param images uint8 RGB, one face each, cropped closely (`data crop --by face --margin 0.2`)
 * @returns float32 [N, 1024], the means over the places of the last maps
 * @throws DataError when the network's files are missing or damaged; OptionsError when the images are smaller than 32 px
 * Source: Savchenko 2019, PeerJ Computer Science 5:e197
 */
export async function embedFaces(
  images: SquareImages | ImageStream,
  options: EmbedFacesOptions = {},
): Promise<Features> {
  const { size = FACE_EMBEDDING_SIZE, ...compute } = options;
  const { weights, preprocessing, source } = await pretrainedWeights('faceres');
  const backbone = buildBackbone('faceres', { imageSize: 'pixels' in images ? images.size : size });
  try {
    setWeights(backbone, weights, source);
    const label = compute.label ?? 'face embeddings';
    return await computeFeatures(averagedBackbone(backbone), images, {
      ...{ ...compute, preprocessing, label },
    });
  } finally {
    backbone.dispose();
  }
}
