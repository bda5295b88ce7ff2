import { importCsv, type TableColumns, type TextEncoding } from '@janus/data';
import { Option } from 'commander';
import { listOf } from '../../flags.js';
import { boxUnitFlag, rootFlag } from './columns-flag.js';
import { defineSource, given, type ImportSource } from './import-source.js';

type ColumnFlag = Exclude<keyof TableColumns, 'boxUnit' | 'labelColumns'>;

interface CsvFlags extends Partial<Record<ColumnFlag, string>> {
  readonly boxUnit?: 'pixel' | 'fraction';
  readonly labelColumns?: readonly string[];
  readonly root?: string;
  readonly where?: string;
  readonly encoding?: TextEncoding;
  readonly delimiter?: string;
}

/** Columns with a meaning of their own, and the help text of their flags. */
const COLUMNS: readonly (readonly [flag: string, help: string])[] = [
  ['image', 'the path or address of the image (default: image, path, file, filename or file_name)'],
  ['url', 'the address to fetch the image from (default: url or image_url)'],
  ['id', 'the id (default: id, else the path or address)'],
  ['identity', 'the person (default: identity)'],
  ['sha256', 'the sha256 of the file (default: sha256)'],
  ['split', 'the split: train, validation or test (default: split, if it holds nothing else)'],
  ['x1', 'the left edge of the box (default: x1)'],
  ['y1', 'the top edge of the box (default: y1)'],
  ['x2', 'the right edge of the box (default: x2)'],
  ['y2', 'the bottom edge of the box (default: y2)'],
];

/** Tables with one row per image. */
export const CSV: ImportSource = defineSource<CsvFlags>({
  name: 'csv',
  summary: 'tables with one row per image: .csv, .tsv, .jsonl, .json, .parquet, each also .gz',
  flags: [
    ...COLUMNS.map(([name, help]) => new Option(`--${name}-column <name>`, `column of ${help}`)),
    new Option(
      '--label-columns <a,b>',
      'comma-separated columns to import as labels (default: all other columns)',
    ).argParser(listOf),
    boxUnitFlag(),
    rootFlag(),
    new Option('--where <sql>', 'condition on the columns; reject rows that do not meet it'),
    new Option(
      '--encoding <name>',
      'text encoding of CSV and JSONL (default: by the byte order mark, else utf-8)',
    ).choices(['utf-8', 'latin1', 'utf-16']),
    new Option(
      '--delimiter <character>',
      'cell delimiter (default: the most frequent one in the header)',
    ),
  ],
  run: async ({ inputs, options, flags }) =>
    await importCsv(inputs, { ...options, ...given(flags) }),
});
