import { readRun } from '@janus/core';
import { useEngine, type EngineName } from '@janus/engine';
import { evaluateClassifierRun, evaluateCycleGanRun } from '@janus/runs';
import { Option, type Command } from 'commander';
import { engineFlag, jsonFlag } from '../flags.js';
import { createTerminal } from '../terminal.js';

/** `janus evaluate`. */
export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .description('measure a finished run on its test split')
    .argument('<run>', 'run folder')
    .addOption(
      new Option('--split <part>', 'part of the data')
        .choices(['train', 'validation', 'test'])
        .default('test'),
    )
    .option('--judge <run>', 'cyclegan: a classifier run that says which value a translation has')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus evaluate runs/faces-presentation-vgg16')
    .action(
      async (
        folder: string,
        flags: {
          split: 'train' | 'validation' | 'test';
          judge?: string;
          engine: EngineName | 'auto';
          json?: boolean;
        },
      ) => {
        const terminal = createTerminal(flags.json === true);
        const record = await readRun(folder);
        const engine = await useEngine({ engine: flags.engine });
        terminal.log(engine.line);
        const context = { folder, record, split: flags.split, reporter: terminal };
        if (record.kind === 'classifier') {
          const { evaluation, lines } = await evaluateClassifierRun(context);
          terminal.result(evaluation, lines);
        } else {
          const { evaluation, lines } = await evaluateCycleGanRun({
            ...context,
            ...(flags.judge === undefined ? {} : { judge: flags.judge }),
          });
          terminal.result(evaluation, lines);
        }
      },
    );
}
