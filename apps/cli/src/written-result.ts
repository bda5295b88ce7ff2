/** A result that is printed, and written into a folder where one is given. */
import { mkdir } from 'node:fs/promises';
import type { Terminal } from './terminal.js';

/** What {@link printAndWrite} does with a result. */
export interface WrittenResult<Result> {
  readonly compute: () => Promise<Result>;
  /** Writes its files and returns their paths. */
  readonly write: (result: Result, folder: string) => Promise<readonly string[]>;
  /** Returns the lines that are printed. */
  readonly lines: (result: Result) => readonly string[];
}

/**
 * Computes a result, writes its files into `out` where that is given, and prints both. The folder is made first: what
 * is computed takes minutes.
 */
export async function printAndWrite<Result extends object>(
  terminal: Terminal,
  out: string | undefined,
  { compute, write, lines }: WrittenResult<Result>,
): Promise<void> {
  if (out !== undefined) await mkdir(out, { recursive: true });
  const result = await compute();
  const files = out === undefined ? [] : await write(result, out);
  terminal.endProgress();
  terminal.result(out === undefined ? result : { ...result, files }, [
    ...lines(result),
    ...(out === undefined ? [] : [`Wrote ${files.join(', ')}`]),
  ]);
}
