import type { StepResult } from '@janus/data';
import type { Terminal } from '../../terminal.js';

/** Prints the outcome of a step on a data set: rows kept, rows rejected, and the reasons. */
export function printStep(terminal: Terminal, what: string, result: StepResult): void {
  terminal.result(result, [
    `${what}: ${result.rows} rows, ${result.rejected} rejected`,
    ...Object.entries(result.reasons).map(([reason, count]) => `  ${count} ${reason}`),
  ]);
}
