import { OptionsError } from '@janus/core';

/**
 * Returns the column of each meaning: the usual name, unless the caller gives another.
 *
 * @throws OptionsError when the caller names a meaning that the source does not have
 */
export function namedColumns<Meaning extends string>(
  usual: Readonly<Record<Meaning, string>>,
  named: Readonly<Partial<Record<string, string>>> = {},
): Readonly<Record<Meaning, string>> {
  for (const meaning of Object.keys(named)) {
    if (Object.hasOwn(usual, meaning)) continue;
    throw new OptionsError(
      `--columns: must be of ${Object.keys(usual).join(', ')}, but got ${meaning}. Write for example --columns ${Object.entries(usual)[0]?.join('=') ?? ''}.`,
    );
  }
  return { ...usual, ...named };
}

/**
 * Checks that a table has the columns that its source needs.
 *
 * @throws OptionsError when one is missing
 */
export function requireColumns(
  table: string,
  { needed, columns }: { readonly needed: readonly string[]; readonly columns: readonly string[] },
): void {
  const absent = needed.find((name) => !columns.includes(name));
  if (absent === undefined) return;
  throw new OptionsError(
    `${table}: needs a column ${absent}, but has the columns ${columns.join(', ') || '(none)'}. Name the right one (--columns).`,
  );
}
