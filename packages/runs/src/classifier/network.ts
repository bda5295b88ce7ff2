/** The backbone of a run, with its weights. */
import type { Reporter } from '@janus/core';
import {
  assignArrays,
  buildBackbone,
  buildPooling,
  cutAfter,
  pretrainedWeights,
  setWeights,
  variablesOf,
} from '@janus/models';
import type { ResolvedClassifierOptions } from './options.js';
import type { Network } from './phases.js';
import type { ClassifierStart } from './start.js';

/** What {@link buildNetwork} takes beside the options. */
export interface NetworkContext {
  /** Weights to begin with instead of pretrained ones. */
  readonly start?: ClassifierStart | undefined;
  readonly reporter: Reporter;
}

/** Returns the backbone that the options name, with the weights that it begins with. */
export async function buildNetwork(
  options: ResolvedClassifierOptions,
  { start, reporter }: NetworkContext,
): Promise<Network> {
  const { backbone: name, size, seed, weights: file, cut } = options;
  const whole = buildBackbone(name, { imageSize: size, seed });
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
  if (name === 'small-vgg') return { backbone, pooling, preprocessing: 'signed' };
  const pretrained = await pretrainedWeights(name, {
    ...(file === null ? {} : { file }),
    line: reporter.log,
    report: reporter.progress,
  });
  setWeights(whole, pretrained.weights, pretrained.source);
  reporter.log(`Backbone: ${name}, pretrained on ImageNet (${pretrained.source})`);
  return { backbone, pooling, preprocessing: pretrained.preprocessing };
}
