import {
  importCsv,
  MISSING_VALUES,
  type ImportCsvResult,
  type TableColumns,
  type TextEncoding,
} from '@janus/data';
import { Option } from 'commander';
import { listOf } from '../../flags.js';
import { countsText } from './counts-text.js';
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
  readonly missingValues?: readonly string[];
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
  summary:
    'tables with one row per image: .csv, .tsv, .jsonl, .json, .parquet, each also .gz; or a plain list',
  flags: [
    ...COLUMNS.map(([name, help]) => new Option(`--${name}-column <name>`, `column of ${help}`)),
    new Option(
      '--label-columns <a,b>',
      'comma-separated columns to import as labels (default: all other columns that hold something)',
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
    new Option(
      '--missing-values <a,b>',
      `comma-separated words that stand for a missing value, as an empty cell does; '' for none (default: ${MISSING_VALUES.join(',')})`,
    ).argParser(listOf),
  ],
  run: async ({ inputs, options, flags, terminal }) => {
    const result = await importCsv(inputs, { ...options, ...given(flags) });
    for (const line of csvLines(result)) terminal.log(line);
    return result;
  },
});

/** Returns a line for each thing that an import took for something else than what is written. */
export function csvLines(result: ImportCsvResult): readonly string[] {
  const { missing, emptyColumns, decimalCommas, windowsPaths: paths, lists } = result;
  return [
    ...lists.map((file) => `${file}: read as a plain list, one image a line`),
    ...Object.entries(missing).map(([column, counts]) => {
      const cells = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const { '': empty = 0, ...words } = counts;
      const kinds = [countsText(words), ...(empty === 0 ? [] : [`empty ${empty}`])].join(', ');
      return `${column}: ${cells} missing (${kinds}); --missing-values changes which words are`;
    }),
    ...(emptyColumns.length === 0
      ? []
      : [`without a value, so not labels: ${emptyColumns.join(', ')}`]),
    ...(decimalCommas.length === 0
      ? []
      : [`numbers with a decimal comma: ${decimalCommas.join(', ')}`]),
    ...(paths === null
      ? []
      : [
          `${paths.count} ${paths.count === 1 ? 'path' : 'paths'} as written on Windows, found with slashes: ${paths.from} as ${paths.to}`,
        ]),
  ];
}
