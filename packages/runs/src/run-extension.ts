/** Changes of a run's schedule when it is resumed. */
import { isDeepStrictEqual } from 'node:util';
import type { RunExtension, RunRecord } from '@janus/core';

/** Which options a resumed run may change, and how. */
export interface Extendable<Options> {
  readonly names: readonly (keyof Options & string)[];
  /**
   * Returns the updates done so far, and a line about what the change means.
   *
   * @throws OptionsError when the run cannot be changed so
   */
  readonly extend: (change: {
    readonly from: Options;
    readonly to: Options;
    /** Changes before this one, in their order. */
    readonly earlier: readonly RunExtension[];
  }) => Promise<{ readonly step: number; readonly text: string }>;
}

/** Returns the same, but for the options that a caller does not want changed. */
export function onlyNamed<Options>(
  extendable: Extendable<Options>,
  wanted: readonly string[] | undefined,
): Extendable<Options> {
  if (wanted === undefined) return extendable;
  return { ...extendable, names: extendable.names.filter((name) => wanted.includes(name)) };
}

/** A change that was accepted, with a line about what it means. */
export interface AcceptedExtension {
  readonly extension: RunExtension;
  readonly text: string;
}

/**
 * Returns the change of a run's schedule that options ask for; undefined when they ask for none.
 *
 * @throws OptionsError when the run cannot be changed so
 */
export async function extensionOf<Options>(
  record: RunRecord,
  options: Options,
  { names, extend }: Extendable<Options>,
): Promise<AcceptedExtension | undefined> {
  const before = record.options as Options;
  const changed = names.filter((name) => !isDeepStrictEqual(before[name], options[name]));
  if (changed.length === 0) return undefined;
  const { step, text } = await extend({
    from: { ...options, ...before },
    to: options,
    earlier: record.extensions ?? [],
  });
  const only = (of: Options): Record<string, unknown> =>
    Object.fromEntries(changed.map((name) => [name, of[name]]));
  const at = new Date().toISOString();
  return { extension: { step, at, from: only(before), to: only(options) }, text };
}
