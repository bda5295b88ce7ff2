/** The networks and the schedule of a translation: what CycleGAN and CUT have in common. */
import type * as tf from '@tensorflow/tfjs';
import { sidesText, streamOf } from '@janus/core';
import { averageRateOf } from '../classifier/averages.js';
import { buildDiscriminator } from './cyclegan-discriminator.js';
import { buildGenerator } from './cyclegan-generator.js';
import type { CycleGanOptions } from './cyclegan-presets.js';
import { imageSides } from './image-sides.js';
import { epochFactor, type EpochScheduleOptions } from './cyclegan-schedule.js';

/** One seed a network, from the run's. */
export function seedOf(seed: number, network: string): number {
  return streamOf(seed, 'init', network).integer(2 ** 31);
}

/** What describes the networks of a translation; what a kind has no option for is as in CycleGAN's paper. */
export type NetworkOptions = Pick<
  CycleGanOptions,
  | 'imageSize'
  | 'imageWidth'
  | 'generatorFilters'
  | 'generatorBlocks'
  | 'skip'
  | 'bend'
  | 'upsampling'
  | 'discriminatorFilters'
  | 'discriminatorLayers'
  | 'globalView'
  | 'initialisation'
  | 'averageDecay'
  | 'seed'
> &
  Partial<PaperOptions>;

type PaperOptions = Pick<
  CycleGanOptions,
  | 'channels'
  | 'norm'
  | 'generator'
  | 'discriminator'
  | 'discriminatorScales'
  | 'localView'
  | 'paired'
>;

const PAPER: PaperOptions = {
  ...{ channels: 3, norm: 'instance', generator: 'resnet' },
  ...{ discriminator: 'patch', discriminatorScales: 1, localView: false, paired: false },
};

/**
 * Builds a generator; the caller disposes it.
 *
 * @throws ShapeError and OptionsError as {@link buildGenerator} does
 */
export function generatorOf(options: NetworkOptions, name: string): tf.LayersModel {
  const { skip, bend, upsampling, initialisation, seed } = options;
  const { height: imageSize, width: imageWidth } = imageSides(options);
  const { channels, norm, generator } = { ...PAPER, ...options };
  return buildGenerator({
    ...{ imageSize, imageWidth, channels, norm, skip, bend, upsampling, initialisation, name },
    architecture: generator,
    filters: options.generatorFilters,
    blocks: options.generatorBlocks,
    seed: seedOf(seed, name),
  });
}

/**
 * Builds a discriminator; the caller disposes it.
 *
 * @throws ShapeError and OptionsError as {@link buildDiscriminator} does
 */
export function discriminatorOf(options: NetworkOptions, name: string): tf.LayersModel {
  const { globalView, initialisation, seed } = options;
  const { height: imageSize, width: imageWidth } = imageSides(options);
  const { channels, norm, discriminator, discriminatorScales, localView, paired } = {
    ...PAPER,
    ...options,
  };
  return buildDiscriminator({
    ...{ imageSize, imageWidth, channels, norm, globalView, localView, initialisation, name },
    architecture: discriminator,
    filters: options.discriminatorFilters,
    layers: options.discriminatorLayers,
    scales: discriminatorScales,
    conditional: paired,
    seed: seedOf(seed, name),
  });
}

/**
 * Returns how far the running averages move towards the weights after `step` updates, as {@link averageRateOf} says; 0 when
 * none are kept.
 */
export function averageRate(
  { averageDecay }: Pick<CycleGanOptions, 'averageDecay'>,
  step: number,
): number {
  return averageDecay > 0 ? averageRateOf(averageDecay, step) : 0;
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
export function translationText(options: NetworkOptions): string {
  const { channels, norm } = { ...PAPER, ...options };
  const { width, height } = imageSides(options);
  const grey = channels === 1 ? ', grey' : '';
  const average = options.averageDecay > 0 ? ', averaged' : '';
  const normed = norm === 'instance' ? '' : `, norm ${norm}`;
  return `${sidesText(width, height)} px${grey}, ${generatorText(options)}, ${discriminatorText(options)}${normed}${average}`;
}

function generatorText(options: NetworkOptions): string {
  const { generatorBlocks, generatorFilters, skip, bend, upsampling } = options;
  const { generator } = { ...PAPER, ...options };
  const name = generator === 'resnet' ? `resnet-${generatorBlocks}` : generator;
  const doubling = upsampling === 'transposed' ? '' : `, upsampling ${upsampling}`;
  const bending = bend > 0 ? `, bend ${bend}` : '';
  return `${name} of ${generatorFilters} filters, skip ${String(skip)}${bending}${doubling}`;
}

function discriminatorText(options: NetworkOptions): string {
  const { discriminatorLayers, discriminatorFilters } = options;
  const { discriminator, discriminatorScales, localView, paired } = { ...PAPER, ...options };
  const name = discriminator === 'patch' ? `patchgan-${discriminatorLayers}` : 'pixelgan';
  const scales = discriminatorScales > 1 ? ` on ${discriminatorScales} scales` : '';
  const local = localView ? ', patches of 22 px' : '';
  const whole = options.globalView ? ' and the whole' : '';
  const pairs = paired ? ' of pairs' : '';
  return `${name} of ${discriminatorFilters}${scales}${local}${whole}${pairs}`;
}
