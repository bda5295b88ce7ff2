/** Classifier runs that tell attributes of images in memory. */
import type { EngineName } from '@janus/engine';
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
   * @param signal ends the work between batches: its reason is thrown
   */
  tell(
    images: SquareImages,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, readonly string[]>>>;
  /** Frees the network. */
  dispose(): void;
}

/**
 * Opens a classifier run of one target or more; the caller disposes it.
 *
 * @param engine the one that is in use
 * @throws DataError when the folder holds no finished classifier run
 */
export async function openAttributeTeller(
  run: string,
  engine: EngineName | 'auto' = 'auto',
): Promise<AttributeTeller> {
  const teller = await openTargetTeller(run, { engine });
  return {
    size: teller.size,
    tell: async (images, signal) => {
      const told = await teller.tell(images, signal);
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
