import { Command } from 'commander';
import { addBenchCommand } from './commands/bench.js';
import { addDataCommands } from './commands/data.js';
import { addDemoCommand } from './commands/demo.js';
import { addEngineCommands } from './commands/engine.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addExportCommand } from './commands/export.js';
import { addLookCommand } from './commands/look.js';
import { addLrFindCommand } from './commands/lr-find.js';
import { addPredictCommand } from './commands/predict.js';
import { addPretrainCommand } from './commands/pretrain.js';
import { addProbeCommand } from './commands/probe.js';
import { addPaperCommand } from './commands/paper.js';
import { addPlaygroundCommand } from './commands/playground.js';
import { addReportCommand } from './commands/report.js';
import { addSweepCommand } from './commands/sweep.js';
import { addTimeToQualityCommand } from './commands/time-to-quality.js';
import { addTrainCut } from './commands/train-cut.js';
import { addTrainCycleGan } from './commands/train-cyclegan.js';
import { addTrainIcGan } from './commands/train-icgan.js';
import { addTrainStarGan } from './commands/train-stargan.js';
import { addTranslateCommand } from './commands/translate.js';
import { addTrainClassifier } from './commands/train-classifier.js';
import { addWatchCommand } from './commands/watch.js';
import { addWeightsCommands } from './commands/weights.js';
import { VERSION } from '@janus/runs';

/** Returns the `janus` command with all its subcommands; usage errors throw CommanderError. */
export function buildProgram(): Command {
  const program = new Command('janus')
    .description(
      'classify an image attribute, and translate it: data, training, evaluation, report',
    )
    .version(VERSION)
    .showHelpAfterError('(see --help)')
    .addHelpText('after', '\nExample:\n  $ npx janus demo')
    .exitOverride();
  addEngineCommands(program);
  addWeightsCommands(program);
  addDataCommands(program);
  addProbeCommand(program);
  addPretrainCommand(program);
  addLrFindCommand(program);
  const train = program
    .command('train')
    .description('train a classifier or a translation')
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus train classifier --data data/faces --target presentation',
    );
  addTrainClassifier(train);
  addTrainCycleGan(train);
  addTrainCut(train);
  addTrainStarGan(train);
  addTrainIcGan(train);
  addSweepCommand(program);
  addTimeToQualityCommand(program);
  addPaperCommand(program);
  addEvaluateCommand(program);
  addLookCommand(program);
  addPredictCommand(program);
  addTranslateCommand(program);
  addExportCommand(program);
  addWatchCommand(program);
  addPlaygroundCommand(program);
  addReportCommand(program);
  addBenchCommand(program);
  addDemoCommand(program);
  return inherit(program);
}

/** Makes all subcommands throw instead of exit, like their parent. */
function inherit(command: Command): Command {
  for (const child of command.commands) inherit(child.copyInheritedSettings(command));
  return command;
}
