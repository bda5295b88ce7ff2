/** The backbone of a run, with its weights. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readRun, type Reporter } from '@janus/core';
import {
  assignArrays,
  BACKBONE_FACTS,
  buildBackbone,
  buildPooling,
  cutAfter,
  disposeWeights,
  pretrainedWeights,
  setWeights,
  variablesOf,
  type BuildOwnBackbone,
  type OwnBackbone,
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
  /** What the images go through, whatever the file of the weights says; default: what it says. */
  readonly preprocessing?: Preprocessing | undefined;
  readonly reporter: Reporter;
}

/** Returns the backbone that the options name, with the weights that it begins with; the caller disposes it. */
export async function buildNetwork(
  options: ResolvedClassifierOptions,
  context: NetworkContext,
): Promise<Network> {
  const { backbone: name, size, seed } = options;
  const built = await context.own?.({ imageSize: size, seed });
  const whole =
    withInput(built?.network) ?? buildBackbone(knownName(name), { imageSize: size, seed });
  const dispose = (): void => {
    disposeWeights(whole);
  };
  try {
    return { ...(await begun(whole, options, { ...context, built })), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Returns a backbone up to its cut, with the weights that it begins with. */
async function begun(
  whole: tf.LayersModel,
  options: ResolvedClassifierOptions,
  context: NetworkContext & { readonly built: OwnBackbone | undefined },
): Promise<Omit<Network, 'dispose'>> {
  const { start, built, reporter } = context;
  const { backbone: name, cut } = options;
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
  const preprocessing = await pretrain(backbone, options, context);
  return { backbone, pooling, preprocessing };
}

/**
 * Returns what a run's images went through when it began, of a run to resume whose weights are those of a file; undefined
 * of others.
 *
 * @param folder of the run
 * @returns `recorded`: as its record says; `taken`: that of the backbone's published weights, where the run is of a version
 * that took it for every file
 */
export async function earlierPreprocessing(
  folder: string,
  { backbone, weights }: Pick<ResolvedClassifierOptions, 'backbone' | 'weights'>,
): Promise<{ readonly recorded?: Preprocessing; readonly taken?: Preprocessing }> {
  if (weights === null || !existsSync(join(folder, 'run.json'))) return {};
  const recorded = (await readRun(folder)).options['preprocessing'];
  if (recorded !== undefined) return { recorded: recorded as Preprocessing };
  return { taken: BACKBONE_FACTS[knownName(backbone)].preprocessing };
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
  { reporter, preprocessing: asked }: NetworkContext,
): Promise<Preprocessing> {
  const name = knownName(backbone);
  const pretrained = await pretrainedWeights(name, {
    ...(file === null ? {} : { file, preprocessing: asked }),
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
