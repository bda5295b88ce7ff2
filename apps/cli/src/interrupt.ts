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

/** Exit status of a command that was interrupted and can be resumed. */
export const INTERRUPTED = 130;
