/**
 * Returns a signal that fires on Ctrl-C (or SIGTERM): the command then finishes the step at hand,
 * saves, and exits 130. A third Ctrl-C ends the process at once.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  let count = 0;
  let last = 0;
  const stop = (): void => {
    // The launcher passes on what the terminal has sent to both: one press, two signals.
    const now = Date.now();
    if (now - last > 200) count += 1;
    last = now;
    if (count === 1)
      process.stderr.write('\nStopping after this step; once more twice to give up.\n');
    if (count > 2) process.exit(130);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return controller.signal;
}

/** Exit status of a command that was interrupted and left a state to resume from. */
export const INTERRUPTED = 130;
