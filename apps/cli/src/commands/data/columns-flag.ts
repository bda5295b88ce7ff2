import { InvalidArgumentError, Option } from 'commander';
import { listOf } from '../../flags.js';

/** Reads `age=146,gender=147` as a record of column by name. */
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

/** `--columns`, of sources whose tables have published column names that a copy may have changed. */
export function columnsFlag(): Option {
  return new Option(
    '--columns <name=column,...>',
    'column names that differ from those of the published tables (listed in docs/sources.md)',
  ).argParser(pairsOf);
}

/** `--box-unit`. */
export function boxUnitFlag(): Option {
  return new Option(
    '--box-unit <unit>',
    'unit of the boxes; required for a csv with boxes (default for dif: pixel)',
  ).choices(['pixel', 'fraction']);
}

/** `--root`. */
export function rootFlag(): Option {
  return new Option(
    '--root <dir>',
    "folder that relative paths start from (default: each table's folder; for celeba and fairface also the folders of their archives)",
  );
}
