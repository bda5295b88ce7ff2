/** The backbone of a run, with its weights. */
import type { Reporter } from '@janus/core';
import { buildBackbone, pretrainedWeights, setWeights } from '@janus/models';
import type { ClassifierRunOptions } from './options.js';
import type { Network } from './phases.js';

/** Returns the backbone that the options name, with pretrained weights where it has any. */
export async function buildNetwork(
  { backbone: name, size, seed, weights: file }: ClassifierRunOptions,
  reporter: Reporter,
): Promise<Network> {
  const backbone = buildBackbone(name, { imageSize: size, seed });
  if (name === 'small-vgg') return { backbone, preprocessing: 'signed', hash: undefined };
  const pretrained = await pretrainedWeights(name, {
    ...(file === null ? {} : { file }),
    line: reporter.log,
    report: reporter.progress,
  });
  setWeights(backbone, pretrained.weights, pretrained.source);
  reporter.log(`Backbone: ${name}, pretrained on ImageNet (${pretrained.source})`);
  return { backbone, preprocessing: pretrained.preprocessing, hash: pretrained.hash };
}
