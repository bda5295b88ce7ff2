/** What a classifier run of one target or more says of images that are decoded already. */
import { join } from 'node:path';
import { ShapeError, SILENT } from '@janus/core';
import {
  computeFeatures,
  loadHeads,
  logitsByTarget,
  predictionOf,
  type SquareImages,
  type TargetDescription,
  type TargetPrediction,
} from '@janus/models';
import { startEngine, type ReadContext } from '../context.js';
import { precisionOfRun } from '../precision.js';
import { readClassifierRun } from './options.js';

/** A classifier run that is ready to tell its targets. */
export interface TargetTeller {
  readonly targets: readonly TargetDescription[];
  /** Side of the images in pixels. */
  readonly size: number;
  /**
   * Returns what each image shows, by target.
   *
   * @param images uint8 [N, size, size, 3], RGB, of {@link TargetTeller.size}
   * @param signal ends the work between batches: its reason is thrown
   * @throws ShapeError when they are of another size
   */
  readonly tell: (
    images: SquareImages,
    signal?: AbortSignal,
  ) => Promise<readonly Readonly<Record<string, TargetPrediction>>[]>;
  /** Frees the network. */
  readonly dispose: () => void;
}

/**
 * Opens a classifier run to tell all its targets of images in memory: what measures which attributes a translation
 * changes. The caller disposes it.
 *
 * @throws DataError when the folder holds no finished classifier run
 */
export async function openTargetTeller(
  run: string,
  context: ReadContext = {},
): Promise<TargetTeller> {
  const { reporter = SILENT } = context;
  const { options } = await readClassifierRun(run);
  await startEngine(context);
  const { joined, description, dispose } = await loadHeads(join(run, 'model'));
  const { targets, imageSize: size, preprocessing } = description;
  const precision = precisionOfRun(options, reporter);
  return {
    ...{ targets, size, dispose },
    tell: async (images, signal) => {
      if (images.size !== size) {
        throw new ShapeError(
          `tell: images must have a side of ${size} pixels, as the run was trained on, but have ${images.size}. Resize them first.`,
        );
      }
      const features = await computeFeatures(joined, images, { preprocessing, precision, signal });
      const logits = logitsByTarget(features, targets);
      return Array.from({ length: images.count }, (_, i) =>
        Object.fromEntries(
          targets.map((target, h) => [target.target, predictionOf(target, logits[h]?.[i] ?? [])]),
        ),
      );
    },
  };
}
