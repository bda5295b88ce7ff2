/** What all trainings share: where the run goes, and how its end is printed. */
import type { EngineName } from '@janus/engine';
import type { ExistingRun, FinishedRun, RunContext } from '@janus/runs';
import { Option, type Command } from 'commander';
import { engineFlag, jsonFlag } from './flags.js';
import { FEATURES_STAY, INTERRUPTED, untilInterrupted } from './interrupt.js';
import { createTerminal } from './terminal.js';

/** Flags of every training. */
export interface RunFlags {
  readonly run?: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly tensorboard?: boolean;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

/** Adds the flags of every training. */
export function addRunFlags(
  command: Command,
  defaultFolder: string,
  resumeHelp = 'resume the run; all other flags must be as before, but for a longer schedule',
): void {
  command
    .option('--run <dir>', `run folder (default: ${defaultFolder})`)
    .addOption(new Option('--resume', resumeHelp).conflicts('overwrite'))
    .option('--overwrite', 'replace the run that is there')
    .option(
      '--tensorboard',
      'also write event files for TensorBoard, into tensorboard/ of the run folder',
    )
    .addOption(engineFlag())
    .addOption(jsonFlag());
}

/** What {@link runTraining} runs. */
export interface Training {
  readonly train: (context: RunContext) => Promise<FinishedRun>;
  /** The options that were given: a resumed run may be extended by these. */
  readonly given: readonly string[];
  /** Returns the command that comes after a finished run. */
  readonly next: (folder: string) => string;
}

/** Trains as the flags say and prints how it ended; an interrupted run exits 130. */
export async function runTraining(
  flags: RunFlags,
  { train, given, next }: Training,
): Promise<void> {
  const terminal = createTerminal(flags.json === true);
  const existing: ExistingRun =
    flags.resume === true ? 'resume' : flags.overwrite === true ? 'overwrite' : 'refuse';
  // What is stopped before there is a run, such as the probes of `--cut auto`, throws.
  await untilInterrupted(terminal, FEATURES_STAY, async (signal) => {
    const { folder, ...result } = await train({
      existing,
      extend: given,
      ...(flags.run === undefined ? {} : { folder: flags.run }),
      ...(flags.tensorboard === undefined ? {} : { tensorboard: flags.tensorboard }),
      engine: flags.engine,
      signal,
      reporter: terminal,
    });
    const { finished, steps, seconds } = result;
    terminal.endProgress();
    terminal.result({ run: folder, ...result }, [
      finished
        ? `Trained ${folder}: ${steps} steps in ${seconds.toFixed(0)} s. Next: ${next(folder)}`
        : `Stopped after step ${steps}. To resume, repeat the command with --resume.`,
    ]);
    if (!finished) process.exitCode = INTERRUPTED;
  });
}
