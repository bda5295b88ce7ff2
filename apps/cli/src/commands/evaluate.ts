import type { EngineName } from '@janus/engine';
import { evaluateRun } from '@janus/runs';
import { Option, type Command } from 'commander';
import { evaluationLines } from '../evaluation-lines.js';
import { engineFlag, jsonFlag } from '../flags.js';
import { createTerminal } from '../terminal.js';

interface Flags {
  readonly split: 'train' | 'validation' | 'test';
  readonly data?: string;
  readonly x?: string;
  readonly y?: string;
  readonly judge?: string;
  readonly drift?: string;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

/** `janus evaluate`. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description(
      'measure a finished run on its test split, as it was when the run was trained: a later `data split` does not change it',
    )
    .argument('<run>', 'run folder')
    .addOption(
      new Option('--split <part>', 'part of the data')
        .choices(['train', 'validation', 'test'])
        .default('test'),
    )
    .option('--data <dir>', 'data folder, where it has moved; its images are compared by content')
    .option('--x <dir>', 'for a cyclegan run: folder of domain X alone, where it has moved')
    .option('--y <dir>', 'for a cyclegan run: folder of domain Y alone')
    .option('--judge <run>', 'for a cyclegan run: classifier run that judges the fakes')
    .option(
      '--drift <run,...>',
      'for a cyclegan run: classifier runs that tell which other attributes the fakes changed',
    )
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus evaluate runs/faces-presentation-vgg16\n  $ npx janus evaluate runs/faces-presentation-vgg16 --data /mnt/archive/faces',
    )
    .action(async (run: string, { json, drift, ...options }: Flags) => {
      const terminal = createTerminal(json === true);
      const evaluation = await evaluateRun(run, {
        ...options,
        ...(drift === undefined ? {} : { drift: drift.split(',') }),
        reporter: terminal,
      });
      terminal.result(evaluation, evaluationLines(evaluation));
    });
}
