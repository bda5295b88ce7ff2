/** Classifier runs that tell attributes of images in memory. */
import type { Reporter } from '@janus/core';
import type { SquareImages } from '@janus/models';
import { openTargetTeller } from '../classifier/tasks-predict.js';

/** Tells attributes of images. */
export interface AttributeTeller {
  /** Side of the images in pixels. */
  readonly size: number;
  /**
   * Returns the most probable value of each image, by attribute.
   *
   * @param images uint8 [N, size, size, 3], RGB, of {@link AttributeTeller.size}
   */
  tell(images: SquareImages): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Frees the network. */
  dispose(): void;
}

/**
 * Opens a classifier run of one target or more; the caller disposes it.
 *
 * @throws DataError when the folder holds no finished classifier run
 */
export async function openAttributeTeller(
  run: string,
  reporter: Reporter,
): Promise<AttributeTeller> {
  const teller = await openTargetTeller(run, { reporter });
  return {
    size: teller.size,
    tell: async (images) => {
      const told = await teller.tell(images);
      return Object.fromEntries(
        teller.targets.map(({ target }) => [
          target,
          told.map((predictions) => predictions[target]?.prediction ?? ''),
        ]),
      );
    },
    dispose: () => {
      teller.dispose();
    },
  };
}
