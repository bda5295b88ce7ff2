import { optionsWithoutEffect, trainFlagOf } from '@janus/core';
import {
  BACKBONES,
  CLASSIFIER_DEFAULTS,
  CLASSIFIER_PAPER,
  CLASSIFIER_SMALL,
  NORMALISATIONS,
  parseHead,
  POOLINGS,
  trainClassifier,
  trainClassifierSeeds,
  type ClassifierPreset,
  type ClassifierRunOptions,
} from '@janus/runs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { augmentations } from '../augment-flag.js';
import { namedWeights } from '../weights-flag.js';
import { acceptOldName, numberBetween, PRECISIONS, wholeNumber } from '../flags.js';
import { addOptionFlags, givenOptions, presetOptions, type OptionFlag } from '../option-flags.js';
import { RECIPE_FLAGS } from './recipe-flags.js';
import { addRunFlags, runTraining, type RunFlags } from '../run-flags.js';
import { addSeedsFlag, runSeeds, seedsLines } from '../seeds-lines.js';

function headText(text: string): string {
  if (text === 'linear') return text;
  try {
    parseHead(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

const rate = numberBetween(0, 1);

/** The flags of `janus train classifier` that set an option with a default. */
export const CLASSIFIER_FLAGS: readonly OptionFlag<ClassifierRunOptions>[] = [
  {
    option: 'fold',
    flags: '--fold <i>',
    help: 'test on fold i of data split --folds, or of --folds here; validate on the next, train on the others',
    parse: wholeNumber(0),
  },
  {
    option: 'folds',
    flags: '--folds <k>',
    help: 'cross-validate: deal all kept images into k folds by --seed, people kept together, and train and test a run on each; every image is predicted once. With --seeds: again for each seed',
    parse: wholeNumber(3),
  },
  {
    option: 'backbone',
    flags: '--backbone <name>',
    help: 'convolutional base',
    choices: BACKBONES,
  },
  {
    option: 'weights',
    flags: '--weights <file>',
    help: 'pretrained weights: Keras .h5, .safetensors, or model.json of TensorFlow.js (default: from the cache, the packages, or fetched)',
  },
  {
    option: 'head',
    flags: '--head <form>',
    help: 'linear: fitted exactly; or layers trained by steps: <layers>x<units>, 0 for no hidden one',
    parse: headText,
  },
  {
    option: 'cut',
    flags: '--cut <block>',
    help: 'block after which the head stands, or last; auto: linear probes on train and validation choose it and the pooling (default: block4 of a VGG, but its last with --unfreeze block5; block12 of a frozen faceres; the last of any other)',
  },
  {
    option: 'pooling',
    flags: '--pooling <kind>',
    help: 'between feature maps and head',
    choices: POOLINGS,
  },
  {
    option: 'normalisation',
    flags: '--normalisation <kind>',
    help: 'how pooled features are scaled (default: sqrt-l2 on a pretrained backbone, else none)',
    choices: NORMALISATIONS,
  },
  {
    option: 'dropout',
    flags: '--dropout <rate>',
    help: 'share of units dropped after each hidden layer',
    parse: numberBetween(0, 0.95),
  },
  {
    option: 'unfreeze',
    flags: '--unfreeze <block>',
    help: 'layers to fine-tune after the head: none, a block such as block5 (it and all after it), or all',
  },
  {
    option: 'from',
    flags: '--from <run>',
    help: 'start from the weights of another classifier run: same backbone, head, pooling, size and classes',
  },
  {
    option: 'size',
    flags: '--size <px>',
    help: 'side of the square images',
    parse: wholeNumber(32),
  },
  {
    option: 'batchSize',
    flags: '--batch-size <n>',
    help: 'images per step',
    parse: wholeNumber(1),
  },
  {
    option: 'epochs',
    flags: '--epochs <n>',
    help: 'epochs of the head (of all layers, without pretrained weights)',
    parse: wholeNumber(1),
  },
  {
    option: 'fineTuneEpochs',
    flags: '--fine-tune-epochs <n>',
    help: 'epochs of the unfrozen blocks, after the head',
    parse: wholeNumber(0),
  },
  {
    option: 'maxSteps',
    flags: '--max-steps <n>',
    help: 'end each phase after this many updates, whatever its epochs say',
    parse: wholeNumber(1),
  },
  {
    option: 'trainImages',
    flags: '--train-images <n>',
    help: "train on at most this many images: a sample with the classes' shares, drawn with the seed",
    parse: wholeNumber(1),
  },
  {
    option: 'learningRate',
    flags: '--learning-rate <rate>',
    help: "Adam's step size for the head",
    parse: rate,
  },
  {
    option: 'fineTuneLearningRate',
    flags: '--fine-tune-learning-rate <rate>',
    help: "Adam's step size for the unfrozen blocks",
    parse: rate,
  },
  {
    option: 'weightDecay',
    flags: '--weight-decay <rate>',
    help: 'decay of kernels, as in AdamW',
    parse: numberBetween(0, 100),
  },
  {
    option: 'labelSmoothing',
    flags: '--label-smoothing <share>',
    help: 'share of the training target that all classes have in equal parts',
    parse: numberBetween(0, 0.99),
  },
  {
    option: 'patience',
    flags: '--patience <epochs>',
    help: 'end when this many epochs in a row bring no lower validation loss; 0: never',
    parse: wholeNumber(0),
  },
  {
    option: 'classWeights',
    flags: '--class-weights <kind>',
    help: 'balanced: every class counts as much in the loss, however rare; none: every image does',
    choices: ['balanced', 'none'],
  },
  {
    option: 'targetWeights',
    flags: '--target-weights <list>',
    help: 'of several targets, in the loss of the layers that they share, such as age=0.5 (default: 1 each)',
    parse: namedWeights,
  },
  {
    option: 'binWidth',
    flags: '--bin-width <number>',
    help: 'width of the bins in which numbers are predicted (default: a round one for at most 16 bins)',
    parse: numberBetween(Number.MIN_VALUE, Number.MAX_VALUE),
  },
  {
    option: 'augment',
    flags: '--augment <list>',
    help: 'how training images are changed, drawn again in each epoch; below a head alone, in copies (default: flip where all layers train, else none)',
    parse: augmentations,
  },
  {
    option: 'augmentCopies',
    flags: '--augment-copies <k>',
    help: 'changed copies of each image that a head on frozen layers learns from with --augment, each as much work as the image (default: 3, or 0 with --unfreeze)',
    parse: wholeNumber(0),
  },
  {
    option: 'precision',
    flags: '--precision <type>',
    help: 'what the tensorflow engine computes in; auto: bfloat16 where it is faster on this machine, else float32; a resumed run keeps its own',
    choices: PRECISIONS,
  },
  {
    option: 'seed',
    flags: '--seed <n>',
    help: 'seed of weights, order, image changes and dropout',
    parse: wholeNumber(0),
  },
  ...RECIPE_FLAGS,
];

/** Values of `--preset`. */
const CLASSIFIER_PRESETS = {
  default: CLASSIFIER_DEFAULTS,
  paper: CLASSIFIER_PAPER,
  small: CLASSIFIER_SMALL,
} as const;

/** Adds `--preset`. */
export function addPresetFlag(command: Command): void {
  command.addOption(
    new Option(
      '--preset <name>',
      "sets the values of flags that you leave out. paper: the first row of the course paper's Table 1; small: a small network from random values at 64 px",
    )
      .choices(Object.keys(CLASSIFIER_PRESETS))
      .default('default'),
  );
}

/** Returns the options of a preset, with those that were given instead. */
export function classifierOptionsOf(
  flags: Readonly<Record<string, unknown>>,
  given: readonly string[],
): ClassifierPreset {
  const preset = (flags['preset'] ?? 'default') as keyof typeof CLASSIFIER_PRESETS;
  return presetOptions(CLASSIFIER_PRESETS[preset], CLASSIFIER_FLAGS, { flags, given });
}

type Flags = RunFlags &
  Readonly<Record<string, unknown>> & { data: string; target: string; seeds?: number };

/**
 * Returns what is wrong with a flag that differs from the preset's value but has no effect, since a linear head on frozen
 * layers is fitted exactly; undefined where there is none.
 *
 * @param given the options whose flags were given
 */
export function flagWithoutEffect(
  flags: Readonly<Record<string, unknown>>,
  given: readonly string[],
): string | undefined {
  const options: Readonly<Record<string, unknown>> = { ...classifierOptionsOf(flags, given) };
  const preset: Readonly<Record<string, unknown>> = { ...classifierOptionsOf(flags, []) };
  const name = optionsWithoutEffect(options).find(
    (each) => given.includes(each) && options[each] !== preset[each],
  );
  if (name === undefined) return undefined;
  return `${trainFlagOf('classifier', name)}: must be left out where nothing is trained by steps, but got ${String(options[name])}: a linear head on frozen layers is fitted exactly. Train by steps with --head 1x1024 or --unfreeze <block>, or leave it out.`;
}

/** `janus train classifier`. */
export function addTrainClassifier(train: Command): void {
  const command = train
    .command('classifier')
    .description('train a head on a frozen backbone, then its last blocks if asked')
    .requiredOption('--data <dir>', 'data folder that was cleaned and split')
    .requiredOption(
      '--target <columns>',
      'label column to learn, or several with commas; numbers are predicted in bins, or as :bins or :classes after a name says',
    );
  addOptionFlags(command, CLASSIFIER_FLAGS, CLASSIFIER_DEFAULTS);
  addPresetFlag(command);
  addSeedsFlag(command);
  const replacedBy = '--class-weights';
  acceptOldName(command, { flags: '--no-balanced', replacedBy, value: 'none' });
  addRunFlags(
    command,
    'runs/<data>-<target>-<backbone>[-<unfreeze>][-fold<i>], with -seeds or -folds after it',
  );
  command
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus train classifier --data data/faces --target presentation --unfreeze block5\n  $ npx janus train classifier --data data/faces --target presentation --cut auto\n  $ npx janus train classifier --data data/faces --target presentation --preset paper --schedule one-cycle\n  $ npx janus train classifier --data data/faces --target presentation --head 1x128 --seeds 3\n  $ npx janus train classifier --data data/faces --target presentation --folds 5 --seeds 3\n  $ npx janus train classifier --data data/faces --target presentation --precision bfloat16 --run runs/faces-bfloat16\n  $ npx janus train classifier --data data/faces --target presentation --backbone small-vgg --augment flip,crop,colour\n  $ npx janus train classifier --data data/faces --target presentation --resume --epochs 40\n  $ npx janus train classifier --data data/more-faces --target presentation --from runs/faces-presentation-vgg16\n  $ npx janus train classifier --data data/faces --target presentation,glasses,age',
    )
    .action(async (flags: Flags) => {
      const { data, target } = flags;
      const given = givenOptions(command, CLASSIFIER_FLAGS);
      if (flags['cut'] === 'auto' && given.includes('pooling')) {
        command.error('error: --cut auto chooses the pooling: leave --pooling out', {
          exitCode: 2,
        });
      }
      // A run of an earlier version is resumed with the flags that it began with.
      const idle = flags.resume === true ? undefined : flagWithoutEffect(flags, given);
      if (idle !== undefined) command.error(`error: ${idle}`, { exitCode: 2 });
      const options = classifierOptionsOf(flags, given);
      const isWhole = options.folds !== undefined && options.fold === undefined;
      const { seeds = isWhole ? 1 : undefined } = flags;
      if (seeds !== undefined) {
        await runSeeds(flags, {
          train: (context) => trainClassifierSeeds({ ...options, data, target, seeds }, context),
          lines: seedsLines,
        });
        return;
      }
      await runTraining(flags, {
        train: (context) => trainClassifier({ ...options, data, target }, context),
        given,
        next: (folder) => `npx janus evaluate ${folder}`,
      });
    });
}
