import type { EngineName } from '@janus/engine';
import {
  BACKBONES,
  PROBE_DEFAULTS,
  PROBE_NORMALISATIONS,
  PROBE_POOLINGS,
  probeLayers,
  probeNested,
  writeProbe,
  type ProbeLayersOptions,
} from '@janus/runs';
import type { Command } from 'commander';
import { engineFlag, jsonFlag, listOf, PRECISIONS, wholeNumber } from '../flags.js';
import { FEATURES_STAY, untilInterrupted } from '../interrupt.js';
import { addOptionFlags, optionsOfFlags, type OptionFlag } from '../option-flags.js';
import { nestedLines, probeLines } from '../probe-lines.js';
import { createTerminal } from '../terminal.js';
import { printAndWrite } from '../written-result.js';

/** The flags of `janus probe` that set an option. */
export const PROBE_FLAGS: readonly OptionFlag<ProbeLayersOptions>[] = [
  {
    option: 'backbone',
    flags: '--backbone <name>',
    help: 'pretrained convolutional base',
    choices: BACKBONES.filter((name) => name !== 'small-vgg'),
  },
  {
    option: 'weights',
    flags: '--weights <file>',
    help: 'pretrained weights: Keras .h5, .safetensors, or model.json of TensorFlow.js (default: from the cache, the packages, or fetched)',
  },
  {
    option: 'size',
    flags: '--size <px>',
    help: 'side of the square images',
    parse: wholeNumber(32),
  },
  {
    option: 'cuts',
    flags: '--cuts <list>',
    help: 'comma-separated blocks after which features are taken (default: all)',
    parse: listOf,
  },
  {
    option: 'poolings',
    flags: '--poolings <list>',
    help: `comma-separated, some of ${PROBE_POOLINGS.join(', ')}`,
    parse: listOf,
  },
  {
    option: 'normalisations',
    flags: '--normalisations <list>',
    help: `comma-separated, some of ${PROBE_NORMALISATIONS.join(' (each feature over the images), ')} (the features of each image)`,
    parse: listOf,
  },
  {
    option: 'folds',
    flags: '--folds <k>',
    help: 'folds, each predicted by fits on the others; people and near duplicates stay together',
    parse: wholeNumber(3),
  },
  {
    option: 'seed',
    flags: '--seed <n>',
    help: 'seed of the folds',
    parse: wholeNumber(0),
  },
  {
    option: 'precision',
    flags: '--precision <type>',
    help: 'what features are computed in on the tensorflow engine; auto: bfloat16 where it is faster',
    choices: PRECISIONS,
  },
];

interface Flags extends Readonly<Record<string, unknown>> {
  readonly target: string;
  readonly nested?: boolean;
  readonly out?: string;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

const HELP = `
Features of all blocks are computed in one pass, and kept in the data folder: further probes take seconds.

Examples:
  $ npx janus probe data/faces --target presentation
  $ npx janus probe data/faces --target presentation --cuts block3,block4 --out report/probe
  $ npx janus probe data/faces --target presentation --cuts block3,block4 --nested`;

/** `janus probe`. */
export function addProbeCommand(program: Command): void {
  const command = program
    .command('probe')
    .description(
      "fit linear classifiers on the features of each block of a backbone: which cut is worth a classifier's head, and what it has to beat",
    )
    .argument('<data>', 'data folder; its test split, where it has one, is left aside')
    .requiredOption('--target <column>', 'label column to predict');
  addOptionFlags(command, PROBE_FLAGS, PROBE_DEFAULTS);
  command
    .option(
      '--nested',
      'also estimate what the choice of the lowest loss is worth on images that had no say in it: chosen again without each fold, which takes as many times as long as there are folds',
    )
    .option('--out <dir>', 'folder for probe.json and its figure (default: only printed)')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (data: string, flags: Flags) => {
      const { target, engine, out } = flags;
      const terminal = createTerminal(flags.json === true);
      const options = { ...optionsOfFlags(flags, PROBE_FLAGS), target };
      await untilInterrupted(terminal, FEATURES_STAY, async (signal) => {
        await printAndWrite(terminal, out, {
          compute: async () => {
            const context = { engine, reporter: terminal, signal };
            const result = await probeLayers(data, options, context);
            if (flags.nested !== true) return result;
            return { ...result, nested: await probeNested([data], options, context) };
          },
          write: writeProbe,
          lines: (result) => [
            ...probeLines(data, result),
            ...('nested' in result ? nestedLines(result.nested) : []),
          ],
        });
      });
    });
}
