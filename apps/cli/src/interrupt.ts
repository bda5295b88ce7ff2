import { isStopped } from '@janus/runs';
import type { Terminal } from './terminal.js';

/**
 * Returns a signal that fires on Ctrl-C (or SIGTERM): the command then finishes the current step,
 * saves, and exits with {@link INTERRUPTED}. A third Ctrl-C ends the process at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let count = 0;
  let last = 0;
  const stop = (): void => {
    // The terminal signals the launcher and this process, and the launcher forwards its own: one press, two signals.
    const now = Date.now();
    if (now - last > 200) count += 1;
    last = now;
    if (count === 1) {
      process.stderr.write(
        '\nStopping after this step; press Ctrl-C twice more to quit at once.\n',
      );
    }
    if (count > 2) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

/**
 * Does work that Ctrl-C ends between batches: one line then says that it stopped, and the command exits with
 * {@link INTERRUPTED}.
 *
 * @param stopped the line: what was kept, and what to repeat
 */
export async function untilInterrupted(
  terminal: Terminal,
  stopped: string,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const signal = interruptSignal();
  try {
    await work(signal);
  } catch (error) {
    if (!isStopped(error, signal)) throw error;
    terminal.endProgress();
    terminal.log(stopped);
    process.exitCode = INTERRUPTED;
  }
}

/** Exit status of a command that was interrupted and can be resumed. */
export const INTERRUPTED = 130;

/** The line of a command whose features are kept in the data folder. */
export const FEATURES_STAY =
  'Stopped. Features that were complete are kept; to go on, repeat the command.';
