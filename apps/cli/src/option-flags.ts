/** A command's flags as a table: each flag with the option that it sets. */
import { Option, type Command } from 'commander';

/** A flag that sets an option of a function. */
export interface OptionFlag<Options> {
  /** The option that it sets. */
  readonly option: keyof Options & string;
  /** As commander takes it: `--learning-rate <rate>`. */
  readonly flags: string;
  readonly help: string;
  /** Reads the flag's text; default the text itself. */
  readonly parse?: (text: string) => unknown;
  readonly choices?: readonly string[];
  /** Returns the option's value from what was given; default the same. */
  readonly convert?: (given: unknown) => unknown;
  /** Returns other options that the same flag sets; default none. */
  readonly also?: (given: unknown) => Partial<Options>;
}

/**
 * Adds a table's flags to a command; an option that `defaults` has is the flag's default. A flag without a value, `--global-view`,
 * can be taken back, `--no-global-view`, where a preset has it.
 */
export function addOptionFlags<Options>(
  command: Command,
  table: readonly OptionFlag<Options>[],
  defaults: Partial<Options>,
): void {
  for (const { option, flags, help, parse, choices } of table) {
    const flag = new Option(flags, help);
    if (parse !== undefined) flag.argParser(parse);
    if (choices !== undefined) flag.choices([...choices]);
    const value = defaults[option];
    if (value !== undefined && value !== null && value !== false) flag.default(value);
    command.addOption(flag);
    if (flag.isBoolean()) {
      command.addOption(new Option(flags.replace('--', '--no-'), `not: ${help}`).hideHelp());
    }
  }
}

/** Returns the options that flags set; those that were not given and have no default are absent. */
export function optionsOfFlags<Options>(
  given: Readonly<Record<string, unknown>>,
  table: readonly OptionFlag<Options>[],
): Partial<Options> {
  const entries = table.flatMap(({ option, flags, convert = (value) => value, also }) => {
    const value = given[new Option(flags).attributeName()];
    if (value === undefined) return [];
    return [[option, convert(value)] as const, ...Object.entries(also?.(value) ?? {})];
  });
  return Object.fromEntries(entries) as Partial<Options>;
}

/**
 * Returns the options of a preset, with those that were given on the command line instead.
 *
 * @param flags what commander parsed, defaults included
 * @param given as {@link givenOptions} returns it
 */
export function presetOptions<Options, Preset extends object>(
  preset: Preset,
  table: readonly OptionFlag<Options>[],
  {
    flags,
    given,
  }: { readonly flags: Readonly<Record<string, unknown>>; readonly given: readonly string[] },
): Preset {
  const own = table.filter(({ option }) => given.includes(option));
  return { ...preset, ...optionsOfFlags(flags, own) };
}

/** Returns the options whose flags were given on the command line; those of defaults are not among them. */
export function givenOptions<Options>(
  command: Command,
  table: readonly OptionFlag<Options>[],
): readonly (keyof Options & string)[] {
  return table.flatMap(({ option, flags }) => {
    const source = command.getOptionValueSource(new Option(flags).attributeName());
    return source === 'cli' ? [option] : [];
  });
}
