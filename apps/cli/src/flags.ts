import { InvalidArgumentError, Option, type Command } from 'commander';

/** Reads a whole number of at least `min`; anything else is a usage error. */
export function wholeNumber(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < min) {
      throw new InvalidArgumentError(`must be a whole number of at least ${min}.`);
    }
    return value;
  };
}

/** The sides of images in pixels, as a flag gives them. */
export interface SidesFlag {
  readonly width: number;
  readonly height: number;
}

/**
 * Reads the side of squares, as a number, or width x height, such as 64x96, in whole numbers of at least `min`; anything else
 * is a usage error.
 */
export function sidesOfImages(min: number): (text: string) => number | SidesFlag {
  return (text) => {
    const found = /^(\d+)(?:x(\d+))?$/.exec(text);
    const width = Number(found?.[1]);
    const height = Number(found?.[2] ?? found?.[1]);
    if (!(Math.min(width, height) >= min)) {
      throw new InvalidArgumentError(
        `must be a side, or width x height such as 64x96, in whole numbers of at least ${min}.`,
      );
    }
    return width === height ? width : { width, height };
  };
}

/** Reads a number from `min` to `max`, both included; anything else is a usage error. */
export function numberBetween(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= min && value <= max)) {
      throw new InvalidArgumentError(`must be a number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** Reads a number above 0. */
export function aboveZero(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) {
    throw new InvalidArgumentError('must be a number above 0.');
  }
  return value;
}

/** Reads `a,b,c` as a list; empty items are dropped. */
export function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** Reads `name=other[,name=other]`; anything else is a usage error. */
export function namesOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    listOf(text).map((piece): [string, string] => {
      const [name = '', other = '', ...more] = piece.split('=').map((each) => each.trim());
      if (name === '' || other === '' || more.length > 0) {
        throw new InvalidArgumentError('must be name=other[,name=other].');
      }
      return [name, other];
    }),
  );
}

/** `--json`, of every command that prints a result. */
export function jsonFlag(): Option {
  return new Option('--json', 'print the result as one JSON object on standard output');
}

/** `--csv`, of commands whose result is a row for each file. */
export function csvFlag(): Option {
  return new Option('--csv', 'print a CSV table on standard output, a row for each file').conflicts(
    'json',
  );
}

/** `--engine`, of every command that computes. */
export function engineFlag(): Option {
  return new Option(
    '--engine <name>',
    'TensorFlow.js engine to use; auto: the one named by JANUS_ENGINE, else the fastest available',
  )
    .choices(['auto', 'tensorflow', 'wasm', 'js'])
    .default('auto');
}

/** Values of `--precision`. */
export const PRECISIONS = ['auto', 'float32', 'bfloat16'] as const;

/** The old name of a flag that was renamed. */
export interface RenamedFlag {
  /** The old flag as commander declares it, such as `--works <list>`. */
  readonly flags: string;
  /** The flag that replaces it, such as `--workloads`; the command must declare it first. */
  readonly replacedBy: string;
  /**
   * Value of the new flag that the old one stands for. Default: the value that the old flag is given,
   * read as the new flag reads its own.
   */
  readonly value?: unknown;
}

/**
 * Adds the old name of a flag to a command for one release: hidden from the help, with a note on
 * standard error where it is used. The action sees the new flag only; giving both is a usage error.
 *
 * @throws Error when the command has no flag {@link RenamedFlag.replacedBy}
 */
export function acceptOldName(command: Command, renamed: RenamedFlag): void {
  const { flags, replacedBy, value } = renamed;
  const current = command.options.find(({ long }) => long === replacedBy);
  if (current === undefined) {
    throw new Error(
      `${command.name()}: ${flags} is replaced by ${replacedBy}, which is not a flag`,
    );
  }
  const old = new Option(flags).hideHelp();
  if (value === undefined && current.parseArg !== undefined) old.argParser(current.parseArg);
  const oldName = old.long ?? flags;
  command.addOption(old);
  command.hook('preAction', () => {
    const isUsed = command.getOptionValueSource(old.attributeName()) === 'cli';
    const given: unknown = command.getOptionValue(old.attributeName());
    command.setOptionValue(old.attributeName(), undefined);
    if (!isUsed) return;
    if (command.getOptionValueSource(current.attributeName()) === 'cli') {
      command.error(
        `error: ${oldName} is the old name of ${replacedBy}: give one of the two (see --help)`,
        { exitCode: 2 },
      );
    }
    command.setOptionValueWithSource(current.attributeName(), value ?? given, 'cli');
    command
      .configureOutput()
      .writeErr?.(
        `${oldName} is now ${newText(renamed)}; the old name will be removed in the next release\n`,
      );
  });
}

function newText({ replacedBy, value }: RenamedFlag): string {
  return typeof value === 'string' || typeof value === 'number'
    ? `${replacedBy} ${value}`
    : replacedBy;
}

/**
 * Ends with a usage error where a flag was given that has no say in what the command does.
 *
 * @param names attribute names of the flags
 * @param why what follows the flag: `applies to --format webdataset`
 */
export function refuseFlags(command: Command, names: readonly string[], why: string): void {
  const given = names.find((name) => command.getOptionValueSource(name) === 'cli');
  if (given === undefined) return;
  const long = command.options.find((option) => option.attributeName() === given)?.long ?? given;
  command.error(`error: ${long} ${why}: leave it out`, { exitCode: 2 });
}
