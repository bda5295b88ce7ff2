import type { EngineName } from '@janus/engine';
import { evaluateRun, type EvaluateRunOptions } from '@janus/runs';
import { Option, type Command } from 'commander';
import { evaluationLines } from '../evaluation-lines.js';
import { engineFlag, jsonFlag, listOf, namesOf, wholeNumber } from '../flags.js';
import { untilInterrupted } from '../interrupt.js';
import { createTerminal } from '../terminal.js';

interface Flags extends Omit<EvaluateRunOptions, 'engine' | 'reporter' | 'signal'> {
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

const HELP = `
A data folder that has none of the run's images is another data set: all of its images are measured, or those of --split, and
the results are kept beside the run's own.

Examples:
  $ npx janus evaluate runs/faces-presentation-vgg16
  $ npx janus evaluate runs/faces-presentation-vgg16 --data /mnt/archive/faces
  $ npx janus evaluate runs/congress-gender-vgg16 --against runs/congress-gender-vgg16-block5
  $ npx janus evaluate runs/congress-party-vgg16 --baseline gender,born --slices gender,born
  $ npx janus evaluate runs/faces-presentation-vgg16 --data data/fairface --target gender --classes feminine=female,masculine=male
  $ npx janus evaluate runs/cyclegan --judge runs/faces-presentation-smile-beard-vgg16
  $ npx janus evaluate runs/cyclegan --features inception-v3 --weights inception.safetensors`;

const STOPPED =
  'Stopped: nothing of this evaluation was written. To evaluate the run, repeat the command.';

/** `janus evaluate`. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description(
      'measure a finished run on its test split, as it was when the run was trained: a later `data split` does not change it',
    )
    .argument('<run>', 'run folder')
    .addOption(
      new Option(
        '--split <part>',
        'part of the data (default: test; of another data set, all)',
      ).choices(['train', 'validation', 'test']),
    )
    .option(
      '--data <dir>',
      'data folder, where it has moved, or another data set to test a classifier on; images are compared by content',
    )
    .option('--target <column>', "for another data set: its label column (default: the run's)")
    .option(
      '--classes <names>',
      "for another data set: its names of the run's classes, such as feminine=female,masculine=male",
      namesOf,
    )
    .option('--against <run>', 'compare with another classifier run on the same images (McNemar)')
    .option(
      '--baseline <columns>',
      'compare with a classifier that reads these label columns in place of the image',
      listOf,
    )
    .option('--slices <columns>', 'label columns to slice and cross (default: all)', listOf)
    .option(
      '--min-cell <n>',
      'smallest group whose accuracy is given (default: 20)',
      wholeNumber(1),
    )
    .option(
      '--robustness [images]',
      'measure images that were darkened, blurred, shrunk and compressed too (default: 300 of them)',
      wholeNumber(1),
    )
    .option('--no-figures', "leave a classifier's figures/ as they are (default: drawn again)")
    .option('--x <dir>', 'for a cyclegan run: folder of domain X alone, where it has moved')
    .option('--y <dir>', 'for a cyclegan run: folder of domain Y alone')
    .option(
      '--judge <run>',
      'for a cyclegan run: classifier run that judges the fakes; if it predicts other targets too, these show what else changed',
    )
    .option(
      '--drift <run,...>',
      'for a cyclegan run: classifier runs that show which other attributes the fakes changed',
      listOf,
    )
    .addOption(
      new Option(
        '--features <network>',
        'for a cyclegan run: network over whose features sets of images are compared; inception-v3 is what the FID is over, and needs --weights (default: vgg16)',
      ).choices(['vgg16', 'inception-v3']),
    )
    .option('--weights <file>', 'for a cyclegan run: weights of that network')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (run: string, { json, ...options }: Flags) => {
      const terminal = createTerminal(json === true);
      await untilInterrupted(terminal, STOPPED, async (signal) => {
        const evaluation = await evaluateRun(run, { ...options, reporter: terminal, signal });
        terminal.result(evaluation, evaluationLines(evaluation));
      });
    });
}
