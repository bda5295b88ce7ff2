import { OptionsError } from '@janus/core';
import type { ImportOptions, StepResult } from '@janus/data';
import type { Option } from 'commander';
import type { Terminal } from '../../terminal.js';

/** One import, as the command line asks for it. */
export interface ImportRequest<Flags> {
  /** Files, folders or patterns; for generated faces, their number. */
  readonly inputs: readonly string[];
  /** Options common to all importers. */
  readonly options: ImportOptions;
  /** Flags of this source. */
  readonly flags: Flags;
  readonly terminal: Terminal;
}

/** A kind of source: its help text, its flags, and how it is imported. */
export interface ImportSource<Flags = Readonly<Record<string, unknown>>> {
  readonly name: string;
  /** One line that names the source and its input. */
  readonly summary: string;
  /** Flags of this source; sources may share a flag of one name and meaning. */
  readonly flags: readonly Option[];
  readonly run: (request: ImportRequest<Flags>) => Promise<StepResult>;
}

/** Returns a source of untyped flags, for a list of sources; commander has parsed them by their options. */
export function defineSource<Flags>(source: ImportSource<Flags>): ImportSource {
  return {
    ...source,
    run: async (request) => await source.run({ ...request, flags: request.flags as Flags }),
  };
}

/**
 * Returns the input of a source that takes exactly one.
 *
 * @throws OptionsError when there are several
 */
export function onlyInput({ inputs }: Pick<ImportRequest<unknown>, 'inputs'>): string {
  const [input = ''] = inputs;
  if (inputs.length === 1) return input;
  throw new OptionsError(
    `data import: this source takes one input, but got ${inputs.length} (${inputs.join(', ')}). Pass one.`,
  );
}

/** Returns the object without its undefined properties, as exact optional properties require. */
export function given<T extends object>(flags: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(flags).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
