/** What a classifier looks at in some images. */
import type { Reporter } from '@janus/core';
import { heatOverlay } from '@janus/figures';
import { checkGradCam, gradCam, type SanityCheck, type TrainedClassifier } from '@janus/models';
import { decodeItems } from '../item-images.js';

/** An image, and the class that is explained. */
export interface ItemToExplain {
  readonly id: string;
  /** Path that can be opened. */
  readonly path: string;
  /** Class number. */
  readonly predicted: number;
}

/** Images under the maps of what speaks for their predicted class. */
export interface Explanations {
  /** By id: uint8 [size, size, 3]. */
  readonly overlays: ReadonlyMap<string, Uint8Array>;
  readonly sanity: SanityCheck;
}

/** Images that the check with shuffled weights looks at: three passes over each. */
const CHECKED = 16;

/** Computes Grad-CAM of the predicted class of each image, and whether the maps depend on what was learned. */
export async function explainImages(
  { model, description }: TrainedClassifier,
  items: readonly ItemToExplain[],
  reporter: Reporter,
): Promise<Explanations> {
  const { imageSize: size, preprocessing } = description;
  const different = [...new Map(items.map((item) => [item.id, item])).values()];
  const images = await decodeItems(different, { size, reporter });
  const classes = different.map(({ predicted }) => predicted);
  const maps = await gradCam(model, { images, classes }, { preprocessing });
  const each = maps.height * maps.width;
  const bytes = size * size * 3;
  const overlays = new Map(
    different.map(({ id }, i) => {
      const pixels = images.pixels.subarray(i * bytes, (i + 1) * bytes);
      const data = maps.data.subarray(i * each, (i + 1) * each);
      return [id, heatOverlay({ pixels, size, heat: { ...maps, data } })];
    }),
  );
  const count = Math.min(CHECKED, different.length);
  const some = { pixels: images.pixels.subarray(0, count * bytes), count, size };
  const sanity = await checkGradCam(
    model,
    { images: some, classes: classes.slice(0, count) },
    { preprocessing },
  );
  return { overlays, sanity };
}
