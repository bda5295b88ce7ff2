import type { StepResult } from '@janus/data';
import type { Terminal } from '../../terminal.js';

/** Prints what a step did to a data set: rows in use, rows taken out, and why. */
export function printStep(terminal: Terminal, what: string, result: StepResult): void {
  terminal.result(result, [
    `${what}: ${result.rows} rows, ${result.rejected} rejected`,
    ...Object.entries(result.reasons).map(([reason, count]) => `  ${count} ${reason}`),
  ]);
}
