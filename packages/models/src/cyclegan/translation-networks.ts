/** The networks and the schedule of a translation: what CycleGAN and CUT have in common. */
import type * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import { buildDiscriminator } from './cyclegan-discriminator.js';
import { buildGenerator } from './cyclegan-generator.js';
import type { CycleGanOptions } from './cyclegan-presets.js';
import { epochFactor, type EpochScheduleOptions } from './cyclegan-schedule.js';

/** One seed a network, from the run's. */
export function seedOf(seed: number, network: string): number {
  return streamOf(seed, 'init', network).integer(2 ** 31);
}

/** Builds a generator; the caller disposes it. */
export function generatorOf(
  options: Pick<
    CycleGanOptions,
    | 'imageSize'
    | 'generatorFilters'
    | 'generatorBlocks'
    | 'skip'
    | 'bend'
    | 'upsampling'
    | 'initialisation'
    | 'seed'
  >,
  name: string,
): tf.LayersModel {
  const { imageSize, skip, bend, upsampling, initialisation, seed } = options;
  return buildGenerator({
    ...{ imageSize, skip, bend, upsampling, initialisation, name },
    filters: options.generatorFilters,
    blocks: options.generatorBlocks,
    seed: seedOf(seed, name),
  });
}

/** Builds a discriminator; the caller disposes it. */
export function discriminatorOf(
  options: Pick<
    CycleGanOptions,
    | 'imageSize'
    | 'discriminatorFilters'
    | 'discriminatorLayers'
    | 'globalView'
    | 'initialisation'
    | 'seed'
  >,
  name: string,
): tf.LayersModel {
  const { imageSize, globalView, initialisation, seed } = options;
  return buildDiscriminator({
    ...{ imageSize, globalView, initialisation, name },
    filters: options.discriminatorFilters,
    layers: options.discriminatorLayers,
    seed: seedOf(seed, name),
  });
}

/**
 * Returns how far the running averages move towards the weights after `step` updates: a step that is
 * large at first, 1 - min(averageDecay, (1 + step) / (10 + step)); 0 when none are kept.
 */
export function averageRate(
  { averageDecay }: Pick<CycleGanOptions, 'averageDecay'>,
  step: number,
): number {
  return averageDecay > 0 ? 1 - Math.min(averageDecay, (1 + step) / (10 + step)) : 0;
}

/** Returns what the loop of a training needs of its schedule. */
export function scheduleOf(
  options: Pick<CycleGanOptions, 'learningRate'> & Omit<EpochScheduleOptions, 'earlierLosses'>,
  progress: Pick<EpochScheduleOptions, 'earlierLosses'>,
): { readonly epochs: number; readonly rateOf: (epoch: number) => number } {
  const { learningRate, constantEpochs, decayEpochs } = options;
  return {
    epochs: constantEpochs + decayEpochs,
    rateOf: (epoch) => learningRate * epochFactor(epoch, { ...options, ...progress }),
  };
}

/** Describes the networks of a translation: what a checkpoint must fit. */
export function translationText(
  options: Pick<
    CycleGanOptions,
    | 'imageSize'
    | 'generatorFilters'
    | 'generatorBlocks'
    | 'skip'
    | 'bend'
    | 'upsampling'
    | 'discriminatorFilters'
    | 'discriminatorLayers'
    | 'globalView'
    | 'averageDecay'
  >,
): string {
  const average = options.averageDecay > 0 ? ', averaged' : '';
  const doubling = options.upsampling === 'transposed' ? '' : `, upsampling ${options.upsampling}`;
  const bend = options.bend > 0 ? `, bend ${options.bend}` : '';
  const whole = options.globalView ? ' and the whole' : '';
  return `${options.imageSize} px, resnet-${options.generatorBlocks} of ${options.generatorFilters} filters, skip ${String(options.skip)}${bend}${doubling}, patchgan-${options.discriminatorLayers} of ${options.discriminatorFilters}${whole}${average}`;
}
