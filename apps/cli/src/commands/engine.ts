import { diagnose, installEngine, type EngineSource } from '@janus/engine';
import { Option, type Command } from 'commander';
import { jsonFlag } from '../flags.js';
import { createTerminal } from '../terminal.js';
import { VERSION } from '@janus/runs';

/** `janus doctor`, `janus engine install`. */
export function addEngineCommands(program: Command): void {
  program
    .command('doctor')
    .description('show the engine and device in use, and how to fix what is missing')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus doctor')
    .action(async (flags: { json?: boolean }) => {
      const terminal = createTerminal(flags.json === true);
      const diagnosis = await diagnose(VERSION);
      const { problems, ...facts } = diagnosis;
      terminal.result(diagnosis, [
        ...Object.entries(facts).map(([name, value]) => `${name.padEnd(18)} ${factText(value)}`),
        ...(problems.length === 0
          ? ['Nothing is missing.']
          : problems.map(({ what, remedy }) => `! ${what}\n  ${remedy}`)),
      ]);
    });

  const engine = program
    .command('engine')
    .description('manage the native TensorFlow library')
    .addHelpText('after', '\nExample:\n  $ npx janus engine install');
  engine
    .command('install')
    .description(
      'install the native engine into the per-user cache (1.3 GB of disk space; 5.3 GB with --gpu; 0.65 GB more without a C++ compiler)',
    )
    .option('--gpu', 'install the build for NVIDIA GPUs, with the CUDA libraries (3.2 GB download)')
    .addOption(
      new Option('--source <where>', 'where to get the library; auto: the pip wheel')
        .choices(['auto', 'wheel', 'archive'])
        .default('auto'),
    )
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nThe addons are compiled by the program that CXX names, else by g++ or clang++; where neither works,\na compiler is fetched with pip (101 MB) and removed afterwards.\n\nExamples:\n  $ npx janus engine install --gpu\n  $ CXX=clang++-16 npx janus engine install',
    )
    .action(async (flags: { gpu?: boolean; source: EngineSource; json?: boolean }) => {
      const terminal = createTerminal(flags.json === true);
      const installed = await installEngine({
        gpu: flags.gpu === true,
        source: flags.source,
        report: terminal.log,
      });
      terminal.result(installed, [
        ...(installed.gpu === undefined ? [] : [`GPU: ${installed.gpu}`]),
        installed.alreadyThere
          ? `The native engine is already installed: TensorFlow ${installed.version}, ${installed.kind}.`
          : `Installed the native engine: TensorFlow ${installed.version}, ${installed.kind}.`,
      ]);
    });
}

function factText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
