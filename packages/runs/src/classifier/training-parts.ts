/** What the phases of a classifier's training work on. */
import type { Reporter } from '@janus/core';
import { imagePathOf, keptRows, type Dataset } from '@janus/data';
import {
  assignArrays,
  columnScales,
  disposeWeights,
  setColumnScales,
  variablesOf,
  type ColumnScales,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { createRunInputs, type Parts, type RunInputs, type SharedImage } from './features.js';
import type { Objective } from './objective.js';
import type { ResolvedClassifierOptions } from './options.js';
import { featuresOfPhase, type Network } from './phases.js';
import type { ClassifierStart } from './start.js';

/** What {@link openTrainingParts} takes. */
export interface TrainingPartsOptions {
  readonly dataset: Dataset;
  readonly parts: Parts;
  /** What the head learns. */
  readonly objective: Objective;
  readonly options: ResolvedClassifierOptions;
  /** With the weights that it begins with. */
  readonly network: Network;
  /** Another run's weights, where it begins with those. */
  readonly start: ClassifierStart | undefined;
  readonly reporter: Reporter;
  /** Ends a pass over the images between batches; default never. */
  readonly signal?: AbortSignal | undefined;
}

/** A head on a network, and what both are trained on. */
export interface TrainingParts {
  /** The layers above the pooling, with the weights that they begin with. */
  readonly dense: tf.LayersModel;
  readonly inputs: RunInputs;
  /** The statistics of the training images' features, where the head begins with these. */
  readonly scales?: ColumnScales;
}

/** Builds the head of a training, whose weights the caller disposes, and opens its inputs. */
export async function openTrainingParts(run: TrainingPartsOptions): Promise<TrainingParts> {
  const { dataset, parts, objective, options, network, start, reporter } = run;
  const { target, size, precision, seed, normalisation, trainImages, augment } = options;
  const { preprocessing } = network;
  const inputs = createRunInputs({
    ...{ dataset, target, size, precision, preprocessing, reporter, parts },
    ...(trainImages === undefined ? {} : { sample: `${trainImages} ${seed}` }),
    ...(augment === undefined ? {} : { changes: { augment, seed } }),
    signal: run.signal,
    ...(options.folds === undefined ? {} : { shared: sharedImages(dataset) }),
  });
  const dense = objective.buildDense(network.pooling.outputs[0]?.shape.slice(1).map(Number) ?? []);
  try {
    if (start !== undefined) {
      assignArrays(variablesOf(dense, { trainableOnly: false }), start.arrays);
    }
    const scales =
      normalisation === 'standard' ? await scalesOf(run, { dense, inputs }) : undefined;
    return { ...{ dense, inputs }, ...(scales === undefined ? {} : { scales }) };
  } catch (error) {
    disposeWeights(dense);
    throw error;
  }
}

/** Returns the images that the parts of other folds have, those of this one included. */
function sharedImages(dataset: Dataset): readonly SharedImage[] {
  return keptRows(dataset).map(({ id, path, sha256 }) => {
    // Without a hash of its content an image is known by its path alone.
    return { id, path: imagePathOf(dataset.folder, path), content: sha256 ?? path };
  });
}

/** Returns the statistics that a head begins with: another run's, or those of the features, which it sets. */
async function scalesOf(
  { network, options, start }: TrainingPartsOptions,
  { dense, inputs }: Pick<TrainingParts, 'dense' | 'inputs'>,
): Promise<ColumnScales> {
  if (start !== undefined) {
    const valuesOf = (name: string): Float32Array => {
      const data = start.arrays.find((array) => array.name === name)?.data;
      return data instanceof Float32Array ? data : new Float32Array();
    };
    return { means: valuesOf('standardise/mean'), scales: valuesOf('standardise/scale') };
  }
  const { train } = await featuresOfPhase('head', { network, inputs, options });
  const scales = columnScales(train);
  setColumnScales(dense, scales);
  return scales;
}
