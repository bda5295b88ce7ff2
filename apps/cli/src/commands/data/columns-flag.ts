import { InvalidArgumentError, Option } from 'commander';
import { listOf } from '../../flags.js';

/** Reads `age=146,gender=147` as pairs. */
export function pairsOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    listOf(text).map((each) => {
      const [name = '', column = '', ...more] = each.split('=').map((piece) => piece.trim());
      if (name === '' || column === '' || more.length > 0) {
        throw new InvalidArgumentError('must be name=column,name=column.');
      }
      return [name, column];
    }),
  );
}

/** `--columns`, of sources whose tables have published names that a copy may have changed. */
export function columnsFlag(): Option {
  return new Option(
    '--columns <name=column,...>',
    "names of columns where they differ from the published tables' (docs/sources.md lists them)",
  ).argParser(pairsOf);
}

/** `--box-unit`. */
export function boxUnitFlag(): Option {
  return new Option(
    '--box-unit <unit>',
    'unit of the box; csv needs it where there is one, for dif it is pixel',
  ).choices(['pixel', 'fraction']);
}

/** `--root`. */
export function rootFlag(): Option {
  return new Option(
    '--root <dir>',
    "where relative paths begin (default: each table's own folder; celeba and fairface know their archives' too)",
  );
}
