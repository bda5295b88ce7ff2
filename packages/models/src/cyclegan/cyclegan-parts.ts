/** What a training step of CycleGAN works on: networks, optimizers, pools, a batch, and the names of its losses. */
import type * as tf from '@tensorflow/tfjs';
import type { Execution, Precision } from '@janus/engine';
import type { Adam } from '../adam.js';
import { variablesOf, type NamedVariables } from '../model-variables.js';
import type { AdversarialMode } from './cyclegan-losses.js';
import type { ImagePool } from './image-pool.js';

/** The four networks; G: X -> Y and F: Y -> X, and who judges what is in X and in Y. */
export interface CycleGanNetworks {
  readonly G: tf.LayersModel;
  readonly F: tf.LayersModel;
  readonly DX: tf.LayersModel;
  readonly DY: tf.LayersModel;
}

/** One Adam for both generators, one for both discriminators, as in the reference. */
export interface CycleGanOptimizers {
  readonly generators: Adam;
  readonly discriminators: Adam;
}

/** Fakes of earlier steps: the numbers of one image each, float32 [H * W * C]. */
export interface CycleGanPools {
  readonly X: ImagePool<Float32Array>;
  readonly Y: ImagePool<Float32Array>;
}

/** What a step changes. */
export interface CycleGanParts {
  readonly networks: CycleGanNetworks;
  readonly optimizers: CycleGanOptimizers;
  readonly pools: CycleGanPools;
  /** Running averages of the generators, if they are kept. */
  readonly averaged: Pick<CycleGanNetworks, 'G' | 'F'> | undefined;
}

/** One batch of each domain, float32 [B, H, W, C], signed; the caller disposes them. */
export interface CycleGanBatch {
  readonly realX: tf.Tensor4D;
  readonly realY: tf.Tensor4D;
}

/** What a training's steps have in common: options of {@link compileCycleGan}. */
export interface CycleGanStepOptions {
  readonly adversarial: AdversarialMode;
  /** Whether numbers of an image depend on the others of its batch, so that real and fake ones go apart; default false. */
  readonly apart?: boolean;
  /** How far below 1 a discriminator's label of real images is. */
  readonly labelSmoothing: number;
  /** Weight of the cycle terms; the paper: 10; 0 leaves them out. */
  readonly lambdaCycle: number;
  /** Weight of the cycle X to Y to X, if it has its own. */
  readonly lambdaCycleX?: number;
  /** Weight of the cycle Y to X to Y, if it has its own. */
  readonly lambdaCycleY?: number;
  /** Weight of the identity terms, multiplied by the cycle's of the same domain; the reference: 0.5; 0 leaves them out. */
  readonly lambdaIdentity: number;
  /** Weight of the mean absolute change of an image; the paper has no such term, 0 leaves it out. */
  readonly lambdaChange: number;
  /** What the latter has become by the end, if it moves. */
  readonly lambdaChangeEnd?: number;
  /** Whether images are pairs, which the discriminators see together; default false. */
  readonly paired?: boolean;
  /** Weight of the mean absolute difference from an original's pair; default 0, which leaves it out. */
  readonly lambdaPair?: number;
  /** Largest shift in pixels before a discriminator sees an image; 0: none. */
  readonly shift: number;
  /** What the networks compute in; default float32. */
  readonly precision?: Precision;
  /** How the halves run; default `graph`. */
  readonly execution?: Execution;
}

/** The generators' terms. */
export const GENERATOR_LOSSES = [
  'adversarialX',
  'adversarialY',
  'cycleX',
  'cycleY',
  'identityX',
  'identityY',
  'changeX',
  'changeY',
  'pairX',
  'pairY',
  'generatorTotal',
] as const;

/** The discriminators' terms: all there are in a step in which only these learn. */
export const DISCRIMINATOR_LOSSES = ['discriminatorX', 'discriminatorY'] as const;

/** The terms of a step, in the order of {@link trainStep}'s result; none of them is weighted. */
export const CYCLEGAN_LOSSES: readonly CycleGanLossName[] = [
  ...GENERATOR_LOSSES,
  ...DISCRIMINATOR_LOSSES,
];

/** The name of a term. `adversarialX` is what DX says of F's fakes, `cycleX` is |F(G(x)) - x|, `changeX` is |G(x) - x|, `pairX` |G(x) - y|. */
export type CycleGanLossName =
  (typeof GENERATOR_LOSSES)[number] | (typeof DISCRIMINATOR_LOSSES)[number];

/** Whether a training has a term that pulls an image back to its original, at any time. */
export function pullsBack({
  lambdaChange,
  lambdaChangeEnd = lambdaChange,
}: Pick<CycleGanStepOptions, 'lambdaChange' | 'lambdaChangeEnd'>): boolean {
  return lambdaChange > 0 || lambdaChangeEnd > 0;
}

/** Returns what the generators' optimizer updates, by name. */
export function generatorVariables({ G, F }: CycleGanNetworks): NamedVariables {
  return { ...variablesOf(G, { prefix: 'G' }), ...variablesOf(F, { prefix: 'F' }) };
}

/** Returns what the discriminators' optimizer updates, by name. */
export function discriminatorVariables({ DX, DY }: CycleGanNetworks): NamedVariables {
  return { ...variablesOf(DX, { prefix: 'DX' }), ...variablesOf(DY, { prefix: 'DY' }) };
}

/** Returns the weight of each domain's cycle: X to Y to X, and Y to X to Y. */
export function cycleWeights({
  lambdaCycle,
  lambdaCycleX = lambdaCycle,
  lambdaCycleY = lambdaCycle,
}: Pick<CycleGanStepOptions, 'lambdaCycle' | 'lambdaCycleX' | 'lambdaCycleY'>): {
  readonly x: number;
  readonly y: number;
} {
  return { x: lambdaCycleX, y: lambdaCycleY };
}
