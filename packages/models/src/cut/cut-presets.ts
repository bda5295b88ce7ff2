import {
  CYCLEGAN_ATTRIBUTE,
  CYCLEGAN_PAPER,
  type CycleGanOptions,
} from '../cyclegan/cyclegan-presets.js';
import { NCE_TEMPERATURE } from './patch-nce.js';

/** Options of CycleGAN that CUT has no use for. */
const CYCLEGAN_ONLY = [
  'lambdaCycle',
  'lambdaCycleX',
  'lambdaCycleY',
  'lambdaIdentity',
  'lambdaChangeEnd',
  'poolSize',
  'freezeDiscriminators',
  'paired',
  'lambdaPair',
  'channels',
  'generator',
  'discriminator',
  'discriminatorScales',
  'norm',
  'imageWidth',
] as const;

type CycleGanOnly = (typeof CYCLEGAN_ONLY)[number];

/** Everything that a CUT's training depends on beside its data: what it shares with CycleGAN, and its own. */
export interface CutOptions extends Omit<CycleGanOptions, CycleGanOnly> {
  /** Weight of the contrastive term. */
  readonly lambdaNce: number;
  /** Whether images of Y are held to themselves by a contrastive term too; the two terms are then averaged. */
  readonly nceIdentity: boolean;
  /** Whether half of the images go through the generator mirrored, and are compared with what they were before. */
  readonly flipEquivariance: boolean;
  /** What cosines are divided by, above 0. */
  readonly temperature: number;
  /** Places of an image that are compared, in each layer; all of them where it has fewer. */
  readonly patches: number;
  /** Numbers by which two places are compared. */
  readonly projection: number;
}

const sharedOf = (options: CycleGanOptions): Omit<CycleGanOptions, CycleGanOnly> =>
  Object.fromEntries(
    Object.entries(options).filter(([name]) => !CYCLEGAN_ONLY.some((only) => only === name)),
  ) as unknown as Omit<CycleGanOptions, CycleGanOnly>;

/**
 * CUT at 256 px (Park et al. 2020, arXiv 2007.15651, appendix C.1).
 *
 * Differs from the paper: its generator halves and doubles with a blur between, and its first compared features are those
 * of the padded image.
 */
export const CUT_PAPER: CutOptions = {
  ...sharedOf(CYCLEGAN_PAPER),
  initialisation: 'xavier',
  lambdaNce: 1,
  nceIdentity: true,
  flipEquivariance: false,
  temperature: NCE_TEMPERATURE,
  patches: 256,
  projection: 256,
  constantEpochs: 200,
  decayEpochs: 200,
};

/** FastCUT: a stronger pull to the original, no pass for the identity, half the epochs (the same, section 4). */
export const CUT_FAST: CutOptions = {
  ...CUT_PAPER,
  lambdaNce: 10,
  nceIdentity: false,
  flipEquivariance: true,
  constantEpochs: 150,
  decayEpochs: 50,
};

/**
 * A small local change at 64 px in minutes: the networks of the CycleGAN preset of that name, with one rate for all, and a
 * pull to the original that stays as it is, since the contrast holds a fake to it too. Without the pull, the colours of whole
 * images drift: likeness of directions, which the contrast is about, says little of them.
 */
export const CUT_ATTRIBUTE: CutOptions = {
  ...CUT_PAPER,
  ...sharedOf(CYCLEGAN_ATTRIBUTE),
  lambdaChange: 10,
  discriminatorLrFactor: 1,
  lambdaNce: 1,
  nceIdentity: false,
};

/** The smallest that still has every part: for tests. */
export const CUT_TEST: CutOptions = {
  ...CUT_PAPER,
  imageSize: 16,
  batchSize: 2,
  generatorFilters: 4,
  generatorBlocks: 2,
  discriminatorFilters: 4,
  discriminatorLayers: 2,
  patches: 9,
  projection: 8,
  constantEpochs: 1,
  decayEpochs: 1,
};
