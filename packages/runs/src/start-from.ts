/** Runs that start from another run's weights: what is checked, and what is kept of them. */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import {
  encodeSafetensors,
  DataError,
  OptionsError,
  type NamedArray,
  type RunStart,
} from '@janus/core';

/** Weights to start from, and where they came from. */
export interface StartWeights {
  readonly arrays: readonly NamedArray[];
  readonly source: RunStart;
}

/** Returns the SHA-256 of arrays: of the safetensors file that they make, in lower-case hexadecimal. */
export function hashOfArrays(arrays: readonly NamedArray[]): string {
  return createHash('sha256').update(encodeSafetensors(arrays)).digest('hex');
}

/** Options of both runs by name, and the flags that set them. */
interface SameOptions<Options> {
  /** The run to start from. */
  readonly run: string;
  readonly flags: Readonly<Partial<Record<keyof Options & string, string>>>;
  readonly source: Options;
  readonly asked: Options;
}

/**
 * Checks that a run to start from has networks of the same form.
 *
 * @throws OptionsError when an option of `flags` differs
 */
export function checkSameForm<Options>(given: SameOptions<Options>): void {
  const { run, flags, source, asked } = given;
  for (const [name, flag] of Object.entries(flags) as [keyof Options & string, string][]) {
    if (source[name] === asked[name]) continue;
    const [had, got] = [source[name], asked[name]].map((value) => JSON.stringify(value));
    throw new OptionsError(
      `--from: ${name} must be that of ${run} (${had}), but got ${got}. Give ${flag} as that run has it, or start without --from.`,
    );
  }
}

/**
 * Checks that a run does not start from itself.
 *
 * @throws OptionsError when both folders are the same
 */
export function checkOtherRun(from: string, folder: string): void {
  if (resolve(from) !== resolve(folder)) return;
  throw new OptionsError(
    `--from: must be another run than the one to be trained, but both are ${folder}. Name a new one with --run, or continue this one with --resume.`,
  );
}

/**
 * Checks that weights which are read again are those that the run started from.
 *
 * @throws DataError when they are not
 */
export function checkSameStart(weights: StartWeights, recorded: RunStart): void {
  const [had, has] = [recorded.sha256, weights.source.sha256];
  if (had === has) return;
  throw new DataError(
    `${recorded.run}: must have the weights that the run started from (${had.slice(0, 12)}), but has others (${has.slice(0, 12)}). Start the run over with --overwrite.`,
    { path: recorded.run },
  );
}
