/** The backbone of a run, with its weights. */
import type { Reporter } from '@janus/core';
import {
  assignArrays,
  BACKBONE_FACTS,
  buildBackbone,
  buildPooling,
  cutAfter,
  pretrainedWeights,
  setWeights,
  variablesOf,
  type BuildOwnBackbone,
  type Preprocessing,
} from '@janus/models';
import * as tf from '@tensorflow/tfjs';
import type { ResolvedClassifierOptions } from './options.js';
import { knownName } from './own-backbone.js';
import type { Network } from './phases.js';
import type { ClassifierStart } from './start.js';

/** What {@link buildNetwork} takes beside the options. */
export interface NetworkContext {
  /** Weights to begin with instead of pretrained ones. */
  readonly start?: ClassifierStart | undefined;
  /** Builds the backbone that the options call by its name only. */
  readonly own?: BuildOwnBackbone | undefined;
  readonly reporter: Reporter;
}

/** Returns the backbone that the options name, with the weights that it begins with. */
export async function buildNetwork(
  options: ResolvedClassifierOptions,
  { start, own, reporter }: NetworkContext,
): Promise<Network> {
  const { backbone: name, size, seed, cut } = options;
  const built = await own?.({ imageSize: size, seed });
  const whole =
    withInput(built?.network) ?? buildBackbone(knownName(name), { imageSize: size, seed });
  const backbone = cut === 'last' ? whole : cutAfter(whole, cut);
  const pooling = buildPooling({
    inputShape: backbone.outputs[0]?.shape.slice(1).map(Number) ?? [],
    pooling: options.pooling,
    normalisation: options.normalisation,
  });
  if (start !== undefined) {
    assignArrays(variablesOf(backbone, { trainableOnly: false }), start.arrays);
    const { run, step } = start.source;
    reporter.log(`Backbone and head: those of ${run} after ${step} updates`);
    return { backbone, pooling, preprocessing: start.preprocessing };
  }
  if (name === 'small-vgg' && options.weights === null) {
    return { backbone, pooling, preprocessing: 'signed' };
  }
  if (built !== undefined) return { backbone, pooling, preprocessing: built.preprocessing };
  const preprocessing = await pretrain(backbone, options, reporter);
  return { backbone, pooling, preprocessing };
}

/** Returns a network as one that begins with an input layer, which a sequential one does not; it shares its weights. */
function withInput(network: tf.LayersModel | undefined): tf.LayersModel | undefined {
  if (network === undefined) return undefined;
  const { inputs, outputs, name } = network;
  return tf.model({ inputs, outputs, name });
}

/** Sets the pretrained weights of a backbone, which may be cut. */
async function pretrain(
  network: tf.LayersModel,
  { backbone, weights: file }: ResolvedClassifierOptions,
  reporter: Reporter,
): Promise<Preprocessing> {
  const name = knownName(backbone);
  const pretrained = await pretrainedWeights(name, {
    ...(file === null ? {} : { file }),
    line: reporter.log,
    report: reporter.progress,
  });
  const { weights, source, preprocessing } = pretrained;
  setWeights(network, weights, source);
  const { trainedOn } = BACKBONE_FACTS[name];
  reporter.log(
    name === 'small-vgg'
      ? `Backbone: small-vgg, all layers train on from the weights in ${source}`
      : `Backbone: ${name}, pretrained on ${trainedOn} (${source})`,
  );
  return preprocessing;
}
