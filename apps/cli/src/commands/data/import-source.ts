import { OptionsError } from '@janus/core';
import type { ImportOptions, StepResult } from '@janus/data';
import type { Option } from 'commander';
import type { Terminal } from '../../terminal.js';

/** What a source is asked for. */
export interface ImportRequest<Flags> {
  /** Files, folders or patterns; for generated faces their number. */
  readonly inputs: readonly string[];
  /** What every importer takes. */
  readonly options: ImportOptions;
  readonly flags: Flags;
  readonly terminal: Terminal;
}

/** A kind of source: what `janus data import` shows of it, and how it is read. */
export interface ImportSource<Flags = Readonly<Record<string, unknown>>> {
  readonly name: string;
  /** One line of what it is and what its input is. */
  readonly summary: string;
  /** Flags of its own, several sources may have one of the same name and meaning. */
  readonly flags: readonly Option[];
  readonly run: (request: ImportRequest<Flags>) => Promise<StepResult>;
}

/** Returns a source among others, whose flags commander has read as its options say. */
export function defineSource<Flags>(source: ImportSource<Flags>): ImportSource {
  return {
    ...source,
    run: async (request) => await source.run({ ...request, flags: request.flags as Flags }),
  };
}

/** Returns the one input of a source that takes no more. */
export function onlyInput({ inputs }: Pick<ImportRequest<unknown>, 'inputs'>): string {
  const [input = ''] = inputs;
  if (inputs.length === 1) return input;
  throw new OptionsError(
    `data import: this source takes one input, but got ${inputs.length} (${inputs.join(', ')}). Name one.`,
  );
}

/** Returns an object's entries but those without a value, as optional properties want them. */
export function given<T extends object>(flags: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(flags).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
