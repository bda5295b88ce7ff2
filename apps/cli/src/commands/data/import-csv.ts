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

/** The columns that mean something, and what is said of each. */
const COLUMNS: readonly (readonly [flag: string, help: string])[] = [
  ['image', 'path or address of the image (default: image, path, file, filename or file_name)'],
  ['url', 'address that it is fetched from (default: url or image_url)'],
  ['id', 'id (default: id, else the path or address)'],
  ['identity', 'the person (default: identity)'],
  ['sha256', "the file's sha256 (default: sha256)"],
  ['split', 'train, validation or test (default: split, where it holds nothing else)'],
  ['x1', "the box's left (default: x1)"],
  ['y1', "the box's top (default: y1)"],
  ['x2', "the box's right (default: x2)"],
  ['y2', "the box's bottom (default: y2)"],
];

/** Tables with a row an image. */
export const CSV: ImportSource = defineSource<CsvFlags>({
  name: 'csv',
  summary: 'tables with a row an image: .csv, .tsv, .jsonl, .json, .parquet, each also .gz',
  flags: [
    ...COLUMNS.map(([name, help]) => new Option(`--${name}-column <name>`, `column with ${help}`)),
    new Option(
      '--label-columns <a,b>',
      'columns that become labels (default: all the rest)',
    ).argParser(listOf),
    boxUnitFlag(),
    rootFlag(),
    new Option('--where <sql>', 'condition on the columns; rows that do not meet it are rejected'),
    new Option(
      '--encoding <name>',
      'of CSV and JSONL (default: by the byte order mark, else utf-8)',
    ).choices(['utf-8', 'latin1', 'utf-16']),
    new Option('--delimiter <character>', 'between cells (default: what the header has most of)'),
  ],
  run: async ({ inputs, options, flags }) =>
    await importCsv(inputs, { ...options, ...given(flags) }),
});
