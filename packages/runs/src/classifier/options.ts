import { join } from 'node:path';
import { DataError, OptionsError, readRun, type RunRecord } from '@janus/core';
import type { PrecisionChoice } from '@janus/engine';
import type { Augmentation } from '@janus/images';
import type { BackboneName, Normalisation, Pooling, Preprocessing } from '@janus/models';
import type { WithPrecision } from '../precision.js';
import { checkAugmentation } from './augment-frozen.js';
import { checkRecipe, RECIPE_DEFAULTS, type TrainingRecipe } from './recipe.js';

/** What records call a backbone of the caller's own. */
export type OwnName = `own:${string}`;

/** What a classifier run is repeated from; `run.json` holds all of it. */
export interface ClassifierRunOptions extends TrainingRecipe {
  /** Data folder that was cleaned and split. */
  readonly data: string;
  /**
   * Label column to learn, or several with commas: `gender,age,race`. Numbers are told in bins, as `tasks.ts` says;
   * `:bins` and `:classes` after a name decide otherwise.
   */
  readonly target: string;
  /**
   * Weights of several targets in the loss of shared layers, by column, 0 or more; default 1 each. Linear heads on
   * frozen layers share none, and refuse them.
   */
  readonly targetWeights?: Readonly<Record<string, number>>;
  /** Width of the bins in which numbers are told, in their unit; default: a round one for at most 16 bins. */
  readonly binWidth?: number;
  /**
   * Fold of a cross-validation: test on it, validate on the next, train on the others. Absent: the data's
   * own split.
   */
  readonly fold?: number;
  /**
   * Number of folds, 3 to 1000, into which the run deals all kept images by its seed, whatever their split: the images of
   * a person together, the classes of a single target evenly. Needs `fold`. Absent: `fold` is of the folds that
   * `splitDataset` made.
   */
  readonly folds?: number;
  /** Convolutional base; default `vgg16`, the paper's. `own:<name>` is recorded of one that was given as a function. */
  readonly backbone: BackboneName | OwnName;
  /**
   * Pretrained weights: a Keras .h5, a .safetensors or a model.json of TensorFlow.js; default null: from the cache, the
   * packages, or fetched; of `small-vgg`, random values. With a file, all of its layers train on from there.
   */
  readonly weights: string | null;
  /**
   * The block after which the head stands, such as `block4`; `last`: the backbone's last one; `auto`: linear probes on
   * train and validation choose it, with pooling and, where it is null, normalisation. Default null: block4 of a VGG,
   * which tells more of faces than block5, unless `unfreeze` names a later one; block12 of a frozen `faceres`, for the
   * same reason (docs/backbones.md); the last of others.
   */
  readonly cut: string | null;
  /**
   * `linear` (default): a linear classifier, fitted exactly with the ridge penalty of the lowest validation loss,
   * which bigger heads do not beat on a few thousand images. Or layers that are trained by steps: `<layers>x<units>`,
   * `0` for no hidden one; the paper's best is `1x1024`.
   */
  readonly head: string;
  /** Between feature maps and head; default `average+max+grid`, which keeps roughly where something is. */
  readonly pooling: Pooling;
  /**
   * How pooled features are scaled. Default null: `sqrt-l2` on a pretrained backbone, `none` where all layers begin
   * with random values.
   */
  readonly normalisation: Normalisation | null;
  /** Share of a hidden layer's units that a step leaves out, 0 to 0.95; default 0.5, the paper's. */
  readonly dropout: number;
  /** `none`, a block such as `block5` (it and all after it), or `all`; default `none`. */
  readonly unfreeze: string;
  /** Side of the images in pixels; default 224, what VGG-16 was trained on. */
  readonly size: number;
  /** Images per step; default 20, the paper's. */
  readonly batchSize: number;
  /** Epochs of a head that is trained by steps, or of all layers where there are no pretrained weights; default 40. */
  readonly epochs: number;
  /** Epochs of the unfrozen blocks, after the head; default 3. */
  readonly fineTuneEpochs: number;
  /**
   * Updates after which each phase that is trained by steps ends, whatever its epochs say; absent: its epochs end it.
   */
  readonly maxSteps?: number;
  /**
   * Most images to train on: a sample of the train split with its shares of the classes, drawn with the seed; a smaller
   * sample is part of a larger one. Absent: all.
   */
  readonly trainImages?: number;
  /** Adam's step size for the head; default 1e-4. */
  readonly learningRate: number;
  /** Adam's step size for the unfrozen blocks; default 1e-5, small enough to keep what they know. */
  readonly fineTuneLearningRate: number;
  /** Decay of kernels, as in AdamW, 0 or more; default 0.1. */
  readonly weightDecay: number;
  /** Share of the training target that all classes have in equal parts, 0 to below 1; default 0. */
  readonly labelSmoothing: number;
  /** Ends a phase when this many epochs in a row had no lower validation loss; 0: never. Default 5. */
  readonly patience: number;
  /**
   * `balanced` (default): each class counts as much in the loss, however rare it is; `none`: each image
   * does.
   */
  readonly classWeights: 'balanced' | 'none';
  /**
   * Another classifier run, finished, with whose weights backbone and head begin; its backbone, head, pooling, size
   * and classes must be the same. Absent: a pretrained backbone and a new head.
   */
  readonly from?: string;
  /** What the networks compute in; default `auto`: bfloat16 where it is faster, else float32. */
  readonly precision: PrecisionChoice;
  /** Seed of weights, order, image changes and dropout; default 1. */
  readonly seed: number;
  /**
   * How training images are changed. Where all layers train, or blocks above frozen ones, drawn again for each image and
   * epoch; absent: half of them are mirrored where all layers train, none elsewhere. A head on frozen layers learns from
   * `augmentCopies` of each image.
   */
  readonly augment?: readonly Augmentation[];
  /**
   * Changed copies of each training image whose features a head on frozen layers learns from beside those of the image
   * itself, with `augment`; 0 or more. A linear head is fitted on all of them, one trained by steps takes them in turn,
   * epoch by epoch. Absent: 3 where the head is all that trains, else 0: the blocks see changed images later.
   */
  readonly augmentCopies?: number;
}

/** The options of a run that has begun, as run.json holds them. */
export interface ResolvedClassifierOptions extends Omit<
  WithPrecision<ClassifierRunOptions>,
  'cut' | 'normalisation'
> {
  readonly cut: string;
  readonly normalisation: Normalisation;
  /**
   * What the images go through before the backbone, where its weights are those of a file. Absent: the weights are not
   * of a file, or the run is of a version that took the preprocessing of the backbone's published weights for every file.
   */
  readonly preprocessing?: Preprocessing;
}

/** Returns how pooled features are scaled. */
export function normalisationOf({
  backbone,
  normalisation,
}: Pick<ClassifierRunOptions, 'backbone' | 'normalisation'>): Normalisation {
  return normalisation ?? (backbone === 'small-vgg' ? 'none' : 'sqrt-l2');
}

/** Returns the block after which the head stands. */
export function cutOf({
  backbone,
  cut,
  unfreeze,
}: Pick<ClassifierRunOptions, 'backbone' | 'cut' | 'unfreeze'>): string {
  if (cut === null && backbone === 'faceres' && unfreeze === 'none') return 'block12';
  return cut ?? (/^vgg\d/.test(backbone) && unfreeze !== 'block5' ? 'block4' : 'last');
}

/** All options that have a default. */
export type ClassifierPreset = Omit<ClassifierRunOptions, 'data' | 'target'>;

/** What `janus train classifier` takes where nothing else is given. */
export const CLASSIFIER_DEFAULTS: ClassifierPreset = {
  ...RECIPE_DEFAULTS,
  backbone: 'vgg16',
  weights: null,
  cut: null,
  head: 'linear',
  pooling: 'average+max+grid',
  normalisation: null,
  dropout: 0.5,
  unfreeze: 'none',
  size: 224,
  batchSize: 20,
  epochs: 40,
  fineTuneEpochs: 3,
  learningRate: 1e-4,
  fineTuneLearningRate: 1e-5,
  weightDecay: 0.1,
  labelSmoothing: 0,
  patience: 5,
  classWeights: 'balanced',
  precision: 'auto',
  seed: 1,
};

/** What the paper and runs of earlier versions have of the options that came later. */
const PLAIN = {
  cut: 'last',
  normalisation: 'none',
  weightDecay: 0,
  labelSmoothing: 0,
  patience: 0,
} as const;

/**
 * The course paper's first row (Table 1): VGG-16 frozen, its last maps flattened, a head of 1x1024 with half
 * of its units dropped, 20 epochs of batches of 20. Learning rates are the largest that it names.
 */
export const CLASSIFIER_PAPER: ClassifierPreset = {
  ...CLASSIFIER_DEFAULTS,
  ...PLAIN,
  head: '1x1024',
  epochs: 20,
  pooling: 'flatten',
  learningRate: 1e-5,
  fineTuneLearningRate: 1e-5,
  classWeights: 'none',
};

/** A small network trained from random values at 64 px: needs no pretrained weights, takes minutes. */
export const CLASSIFIER_SMALL: ClassifierPreset = {
  ...CLASSIFIER_DEFAULTS,
  ...PLAIN,
  backbone: 'small-vgg',
  head: '1x128',
  pooling: 'flatten',
  unfreeze: 'all',
  size: 64,
  epochs: 15,
  learningRate: 1e-3,
};

/**
 * Checks what the options demand of each other.
 *
 * @throws OptionsError when copies of images are asked for where they have no meaning; when weights are named twice; or
 * when a number of the recipe is out of range
 */
export function checkClassifierOptions(options: ClassifierRunOptions): void {
  const { backbone, from, weights } = options;
  checkRecipe(options);
  checkAugmentation(options);
  if (from !== undefined && weights !== null) {
    throw new OptionsError(
      `--from: gives all weights, but --weights names others (${weights}). Give one of the two.`,
    );
  }
  if (options.normalisation === 'standard' && backbone === 'small-vgg') {
    throw new OptionsError(
      '--normalisation: standard takes its statistics from the features of frozen layers, but all layers of small-vgg train from random values. Take none or sqrt-l2.',
    );
  }
}

/**
 * Returns the record of a classifier run, its options complete.
 *
 * @throws DataError when the folder holds no run, or one of another kind
 */
export async function readClassifierRun(
  folder: string,
): Promise<RunRecord<ResolvedClassifierOptions>> {
  const record = await readRun(folder);
  if (record.kind !== 'classifier') {
    throw new DataError(
      `${folder}: must be a classifier run, but is a ${record.kind} run. Name a folder that \`janus train classifier\` made.`,
      { path: folder },
    );
  }
  return { ...record, options: completed(folder, record.options) };
}

/** Returns options as a run has them now; those of format 1 named the class weights otherwise. */
function completed(
  folder: string,
  { balanced, ...options }: Readonly<Record<string, unknown>>,
): ResolvedClassifierOptions {
  for (const name of ['data', 'target'] as const) {
    if (typeof options[name] === 'string') continue;
    throw new DataError(
      `${join(folder, 'run.json')}: options.${name} must be a text, but is ${JSON.stringify(options[name])}. Train the run again.`,
      { path: folder },
    );
  }
  return {
    ...CLASSIFIER_DEFAULTS,
    ...PLAIN,
    precision: 'float32',
    ...(balanced === false ? { classWeights: 'none' } : {}),
    ...options,
  } as unknown as ResolvedClassifierOptions;
}
