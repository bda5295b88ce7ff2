/** Backbones that a caller gives as a function. */
import { OptionsError } from '@janus/core';
import type { BackboneName, BuildOwnBackbone } from '@janus/models';
import type { ClassifierRunOptions, OwnName } from './options.js';

/** Options of `trainClassifier`. */
export interface TrainClassifierOptions extends Omit<ClassifierRunOptions, 'backbone'> {
  /** The name of a backbone, or a function that builds one with its weights. */
  readonly backbone: BackboneName | OwnName | BuildOwnBackbone;
}

/** Whether a name is that of a caller's own backbone. */
export const isOwn = (name: BackboneName | OwnName): name is OwnName => name.startsWith('own:');

/**
 * Returns the name of one of our backbones.
 *
 * @throws OptionsError when it is that of a caller's own
 */
export function knownName(name: BackboneName | OwnName): BackboneName {
  if (!isOwn(name)) return name;
  throw new OptionsError(
    `backbone: must be a function, but got the name ${name}. Give the function that the run began with.`,
  );
}

/**
 * Returns the options as records hold them, a function by its name, and the function.
 *
 * @throws OptionsError when a function has no name, weights are named beside it, or there is a name without a function
 */
export function nameBackbone({ backbone, ...options }: TrainClassifierOptions): {
  readonly options: ClassifierRunOptions;
  readonly own: BuildOwnBackbone | undefined;
} {
  if (typeof backbone === 'string') {
    return { options: { ...options, backbone: knownName(backbone) }, own: undefined };
  }
  if (!/^[\w-]+$/.test(backbone.name)) {
    throw new OptionsError(
      `backbone: a function must have a name, but got ${backbone.name === '' ? 'none' : backbone.name}. Write const myBackbone = ..., and pass myBackbone.`,
    );
  }
  if (options.weights !== null) {
    throw new OptionsError(
      `weights: must be null where backbone is a function, which sets its weights itself, but got ${options.weights}. Leave it out.`,
    );
  }
  return { options: { ...options, backbone: `own:${backbone.name}` }, own: backbone };
}
