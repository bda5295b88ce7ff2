/** Lines of progress in a cell. */
import { progressLine, type Progress, type Reporter } from '@janus/core';
import { currentScreen } from './kernel-screen.js';
import type { Screen } from './screen.js';

/** Milliseconds between two lines of progress: as often as an eye follows. */
const LINE_MS = 250;
/** The same of a text screen, which keeps every line. */
const TEXT_LINE_MS = 10_000;
/** Logged lines that stay in view. */
const LOGGED_LINES = 4;

/** Where {@link progress} shows its lines. */
export interface ProgressOptions {
  /** Default the cell that runs, or standard output where no kernel runs. */
  readonly screen?: Screen | undefined;
  /** Milliseconds that only grow; default the process's. */
  readonly now?: (() => number) | undefined;
}

/**
 * Returns a reporter that shows in place how a function gets on: a line of progress, and the last lines that it logged. A
 * training shows more with `follow`.
 *
 * @example
 * const folder = await prepareFaces('data/faces', options, { reporter: progress() });
 */
export function progress({
  screen = currentScreen(),
  now = () => performance.now(),
}: ProgressOptions = {}): Reporter {
  return openLines(screen, now).reporter;
}

/** Returns what shows the lines of a task, the newest below. */
export function openLines(
  screen: Screen,
  now: () => number,
): { readonly reporter: Reporter; readonly end: (line: string) => void } {
  const panel = screen.panel();
  const interval = screen.rich ? LINE_MS : TEXT_LINE_MS;
  const logged: string[] = [];
  let task = { label: '', began: 0 };
  let shown = -Infinity;
  const set = (last: readonly string[]): void => {
    const before = screen.rich ? logged.slice(-LOGGED_LINES) : logged.slice(-1);
    panel.set({
      'text/plain': [...(last.length > 0 && !screen.rich ? [] : before), ...last].join('\n'),
    });
  };
  const progress = (each: Progress): void => {
    const time = now();
    if (each.label !== task.label) task = { label: each.label, began: time };
    // What stays in a cell; on a text screen, which keeps every line, the end of each short task is too much.
    const isLast = screen.rich && each.total !== undefined && each.done >= each.total;
    if (!isLast && time - shown < interval) return;
    shown = time;
    set([progressLine(each, (time - task.began) / 1000)]);
  };
  return {
    reporter: {
      log: (line) => {
        logged.push(line);
        set([]);
      },
      progress,
    },
    end: (line) => {
      set([line]);
    },
  };
}
