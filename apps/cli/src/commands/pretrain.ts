import { percentText } from '@janus/core';
import type { EngineName } from '@janus/engine';
import {
  PRETRAIN_DEFAULTS,
  pretrainBackbone,
  type PretrainOptions,
  type PretrainResult,
} from '@janus/runs';
import type { Command } from 'commander';
import { augmentations } from '../augment-flag.js';
import { engineFlag, jsonFlag, listOf, numberBetween, PRECISIONS, wholeNumber } from '../flags.js';
import { INTERRUPTED, interruptSignal } from '../interrupt.js';
import { addOptionFlags, optionsOfFlags, type OptionFlag } from '../option-flags.js';
import { createTerminal } from '../terminal.js';

/** The flags of `janus pretrain` that set an option. */
export const PRETRAIN_FLAGS: readonly OptionFlag<PretrainOptions>[] = [
  {
    option: 'attributes',
    flags: '--attributes <list>',
    help: 'comma-separated label columns, learnt together (default: all of 2 to 20 texts)',
    parse: listOf,
  },
  {
    option: 'size',
    flags: '--size <px>',
    help: 'side of the square images',
    parse: wholeNumber(32),
  },
  {
    option: 'epochs',
    flags: '--epochs <n>',
    help: 'passes over the images',
    parse: wholeNumber(1),
  },
  {
    option: 'batchSize',
    flags: '--batch-size <n>',
    help: 'images per update',
    parse: wholeNumber(1),
  },
  {
    option: 'learningRate',
    flags: '--learning-rate <rate>',
    help: "Adam's step size at the start; it falls to 0 in a straight line",
    parse: numberBetween(0, 1),
  },
  {
    option: 'augment',
    flags: '--augment <list>',
    help: 'how images are changed, drawn again in each epoch',
    parse: augmentations,
  },
  {
    option: 'seed',
    flags: '--seed <n>',
    help: 'seed of weights, order and image changes',
    parse: wholeNumber(0),
  },
  {
    option: 'precision',
    flags: '--precision <type>',
    help: 'what the network computes in on the tensorflow engine; auto: bfloat16 where it is faster',
    choices: PRECISIONS,
  },
];

interface Flags extends Readonly<Record<string, unknown>> {
  readonly data: string;
  readonly out: string;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

const HELP = `
Nothing is written when it is interrupted. The weights that come with Janus were made by the second to fourth command.

Examples:
  $ npx janus train classifier --data data/faces --target presentation --backbone small-vgg-faces --size 64
  $ npx janus data import synthetic 8000 --out data/drawn --size 128 --seed 7
  $ npx janus data crop data/drawn --by box --margin 0.15 --size 64
  $ npx janus pretrain --data data/drawn --out small-vgg-faces.safetensors`;

function linesOf({ out, bytes, steps, seconds, images, attributes }: PretrainResult): string[] {
  return [
    `Wrote ${out} (${Math.round(bytes / 1000)} kB): ${steps} updates on ${images.train} images in ${seconds.toFixed(0)} s. On ${images.validation} others:`,
    ...Object.entries(attributes).map(
      ([name, { accuracy, commonest }]) =>
        `  ${name.padEnd(14)} ${percentText(accuracy)} (the commonest class ${percentText(commonest)})`,
    ),
  ];
}

/** `janus pretrain`. */
export function addPretrainCommand(program: Command): void {
  const command = program
    .command('pretrain')
    .description(
      'train the small backbone on all attributes of a data set at once, such as generated faces, and write its weights',
    )
    .requiredOption('--data <dir>', 'data folder, best with its faces cropped')
    .requiredOption('--out <file>', 'weights file to write, .safetensors');
  addOptionFlags(command, PRETRAIN_FLAGS, PRETRAIN_DEFAULTS);
  command
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async ({ data, out, engine, json, ...flags }: Flags) => {
      const terminal = createTerminal(json === true);
      const result = await pretrainBackbone(
        data,
        { ...optionsOfFlags(flags, PRETRAIN_FLAGS), out },
        { engine, reporter: terminal, signal: interruptSignal() },
      );
      terminal.endProgress();
      if (result === undefined) process.exitCode = INTERRUPTED;
      else terminal.result(result, linesOf(result));
    });
}
