import { Command } from 'commander';
import { addBenchCommand } from './commands/bench.js';
import { addDataCommands } from './commands/data.js';
import { addDemoCommand } from './commands/demo.js';
import { addEngineCommands } from './commands/engine.js';
import { addEvaluateCommand } from './commands/evaluate.js';
import { addPredictCommand, addTranslateCommand } from './commands/predict.js';
import { addReportCommand } from './commands/report.js';
import { addTrainCycleGan } from './commands/train-cyclegan.js';
import { addTrainClassifier } from './commands/train-classifier.js';
import { addWeightsCommands } from './commands/weights.js';
import { VERSION } from '@janus/runs';

/** Returns the whole `janus` command; usage errors throw CommanderError (exit 2). */
export function buildProgram(): Command {
  const program = new Command('janus')
    .description("Tells an image's attribute and changes it: data, training, evaluation, report.")
    .version(VERSION)
    .showHelpAfterError('(see --help)')
    .exitOverride();
  addEngineCommands(program);
  addWeightsCommands(program);
  addDataCommands(program);
  const train = program.command('train').description('train a classifier or a CycleGAN');
  addTrainClassifier(train);
  addTrainCycleGan(train);
  addEvaluateCommand(program);
  addPredictCommand(program);
  addTranslateCommand(program);
  addReportCommand(program);
  addBenchCommand(program);
  addDemoCommand(program);
  return inherit(program);
}

/** Subcommands throw instead of exiting, like their parent. */
function inherit(command: Command): Command {
  for (const child of command.commands) inherit(child.copyInheritedSettings(command));
  return command;
}
