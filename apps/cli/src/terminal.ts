import { progressLine, type Progress, type Reporter } from '@janus/core';

/**
 * Where a command prints. With `--json`, standard output gets one object and nothing else. Progress is one
 * line that is redrawn on a terminal, and a plain line every ten seconds elsewhere.
 */
export interface Terminal extends Reporter {
  /** Whether the result is printed as JSON. */
  readonly json: boolean;
  /** Moves past the redrawn progress line, so that it stays on screen. */
  readonly endProgress: () => void;
  /** Prints the result: the value as JSON with `--json`, else the lines. */
  readonly result: (value: unknown, lines: readonly string[]) => void;
}

/** Shortest interval between progress lines: redrawn on a terminal, plain elsewhere. */
const REDRAW_MS = 100;
const PLAIN_LINE_MS = 10_000;

/**
 * Returns the terminal of this process.
 *
 * @param json whether the result is one JSON object on standard output
 * @param csv whether it is lines of a table there, which nothing may stand between; default false
 */
export function createTerminal(json: boolean, csv = false): Terminal {
  const redraws = process.stderr.isTTY;
  let label = '';
  let began = 0;
  let shown = 0;
  let drawn = false;

  const clear = (): void => {
    if (drawn) process.stderr.write('\r\u001b[2K');
    drawn = false;
  };
  const log = (text: string): void => {
    clear();
    (json || csv ? process.stderr : process.stdout).write(`${text}\n`);
  };
  const progress = (state: Progress): void => {
    const now = Date.now();
    if (state.label !== label) {
      label = state.label;
      began = now;
      shown = redraws ? 0 : now;
    }
    const last = state.total !== undefined && state.done >= state.total;
    if (!last && now - shown < (redraws ? REDRAW_MS : PLAIN_LINE_MS)) return;
    shown = now;
    const text = progressLine(state, (now - began) / 1000);
    if (redraws) {
      process.stderr.write(`\r\u001b[2K${text.slice(0, (process.stderr.columns || 100) - 1)}`);
      drawn = true;
      if (last) endProgress();
    } else {
      process.stderr.write(`${text}\n`);
    }
    if (last) label = '';
  };
  const endProgress = (): void => {
    if (drawn) process.stderr.write('\n');
    drawn = false;
  };
  return {
    json,
    log,
    progress,
    endProgress,
    result: (value, lines) => {
      clear();
      if (json) process.stdout.write(`${JSON.stringify(value)}\n`);
      else for (const each of lines) process.stdout.write(`${each}\n`);
    },
  };
}
