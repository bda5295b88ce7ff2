/** Tables as text, and as files: Markdown and LaTeX for reading, CSV for programs. */
import { csvLine } from '@janus/core';
import { texText } from './tex-text.js';

/** A value of a CSV file. */
export type CsvValue = string | number | null;

/** A column of a table. */
export interface TextColumn<Row> {
  readonly title: string;
  /** Figures stand on the right; default false. */
  readonly numeric?: boolean;
  /** As a reader sees it, without markup. */
  readonly text: (row: Row) => string;
  /** The CSV columns that it becomes, by name; default its text under its title. */
  readonly values?: (row: Row) => Readonly<Record<string, CsvValue>>;
}

/** A table that can be written to files. */
export interface TextTable {
  /** Name of its files and in placeholders. */
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly { readonly title: string; readonly numeric: boolean }[];
  /** Cells of each row, one for each column. */
  readonly rows: readonly (readonly string[])[];
  /** Of each row the values of its CSV line by name. */
  readonly values: readonly Readonly<Record<string, CsvValue>>[];
}

/** What a table is called. */
export interface TableTitle {
  readonly id: string;
  readonly caption: string;
}

/** Returns the table of rows. */
export function textTable<Row>(
  { id, caption }: TableTitle,
  columns: readonly TextColumn<Row>[],
  rows: readonly Row[],
): TextTable {
  const valuesOf = (row: Row): Readonly<Record<string, CsvValue>> =>
    Object.assign(
      {},
      ...columns.map(({ title, text, values }) => values?.(row) ?? { [title]: text(row) }),
    ) as Readonly<Record<string, CsvValue>>;
  return {
    ...{ id, caption },
    columns: columns.map(({ title, numeric = false }) => ({ title, numeric })),
    rows: rows.map((row) => columns.map(({ text }) => text(row))),
    values: rows.map(valuesOf),
  };
}

const markdownCell = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ');

const markdownLine = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Returns a table as the lines of Markdown. */
export function tableMarkdown({ columns, rows }: TextTable): readonly string[] {
  return [
    markdownLine(columns.map(({ title }) => markdownCell(title))),
    markdownLine(columns.map(({ numeric }) => (numeric ? '---:' : '---'))),
    ...rows.map((row) => markdownLine(row.map(markdownCell))),
  ];
}

/** Returns a table as LaTeX: a `tabular` with the rules of the booktabs package. */
export function tableTex({ columns, rows }: TextTable): readonly string[] {
  const line = (cells: readonly string[]): string => `${cells.map(texText).join(' & ')} \\\\`;
  return [
    `\\begin{tabular}{${columns.map(({ numeric }) => (numeric ? 'r' : 'l')).join('')}}`,
    '\\toprule',
    line(columns.map(({ title }) => title)),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
  ];
}

/** Returns a table as CSV: rates from 0 to 1, intervals in columns of their own. */
export function tableCsv({ values }: TextTable): string {
  const names = [...new Set(values.flatMap((row) => Object.keys(row)))];
  const lines = [names, ...values.map((row) => names.map((name) => row[name] ?? null))];
  return `${lines.map(csvLine).join('\n')}\n`;
}
