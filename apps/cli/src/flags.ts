import { InvalidArgumentError, Option } from 'commander';

/** Reads a whole number of at least `least`; anything else is a usage error. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least) {
      throw new InvalidArgumentError(`must be a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** Reads a number from `low` to `high`, both included. */
export function numberBetween(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= low && value <= high)) {
      throw new InvalidArgumentError(`must be a number from ${low} to ${high}.`);
    }
    return value;
  };
}

/** Reads `a,b,c` as a list; empty pieces are left out. */
export function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** The flag that every command with a result has. */
export function jsonFlag(): Option {
  return new Option('--json', 'print the result as one JSON object on standard output');
}

/** The flag of every command that computes. */
export function engineFlag(): Option {
  return new Option('--engine <name>', 'which engine computes (JANUS_ENGINE does the same)')
    .choices(['auto', 'tensorflow', 'wasm', 'js'])
    .default('auto');
}

/** Values of `--precision`. */
export const PRECISIONS = ['float32', 'bfloat16'] as const;
