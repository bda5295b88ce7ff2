import type { DuckDBConnection } from '@duckdb/node-api';
import { DataError } from '@janus/core';
import { literal, quoted } from '../manifest/database.js';
import { appendReject, countOf, plainPath, type TablePart } from './table-part.js';
import type { TextEncoding } from './plain-text.js';
import { prepareText, type PreparedText } from './text-file.js';

/** Options of {@link loadText}. */
interface LoadTextOptions {
  readonly work: string;
  /** Default `header`. */
  readonly columns?: 'header' | 'lines' | number;
  /** The columns to be kept; default all. */
  readonly keep?: readonly string[];
  readonly encoding?: TextEncoding;
  /** Default: a tab for `.tsv`, else by the header. */
  readonly delimiter?: string;
}

/** The byte that parts columns where there is but one: no text that is read holds it. */
const NO_DELIMITER = '\u0001';

/**
 * Reads a CSV file, or the lines of a text, into the table `part`, all columns text; what is no whole
 * row goes into `rejected`.
 *
 * @throws DataError when {@link prepareText} does, or the database reads another number of rows
 */
export async function loadText(
  connection: DuckDBConnection,
  file: string,
  options: LoadTextOptions,
): Promise<TablePart> {
  const { work, keep, encoding, columns = 'header' } = options;
  const delimiter = options.delimiter ?? (/\.tsv(\.gz)?$/i.test(file) ? '\t' : undefined);
  const rejected = await connection.createAppender('rejected');
  let text: PreparedText;
  try {
    text = await prepareText(file, {
      work,
      columns,
      ...(encoding === undefined ? {} : { encoding }),
      ...(delimiter === undefined ? {} : { delimiter }),
      reject: (line, reason, shown) => {
        appendReject(rejected, { line, path: shown, reason, source: file });
      },
    });
  } finally {
    rejected.closeSync();
  }
  const kept = keep ?? text.columns;
  const quote = text.delimiter === null ? "''" : `'"'`;
  const types = text.columns.map((name) => `${literal(name)}: 'VARCHAR'`);
  const settings = [
    `header = ${text.header}`,
    'auto_detect = false',
    'strict_mode = false',
    `delim = ${literal(text.delimiter ?? NO_DELIMITER)}`,
    `quote = ${quote}`,
    `escape = ${quote}`,
    'max_line_size = 2100000',
    'buffer_size = 8000000',
    `columns = {${types.join(', ')}}`,
  ];
  await connection.run(
    `CREATE TABLE part AS SELECT ${kept.map(quoted).join(', ')}
     FROM read_csv(${literal(await plainPath(text.path, work))}, ${settings.join(', ')})`,
  );
  const rows = await countOf(connection, 'part');
  if (rows !== text.rows) {
    throw new DataError(
      `${file}: has ${text.rows} rows, but the database reads ${rows}. Quote its cells, and report this file.`,
      { path: file },
    );
  }
  return { columns: kept.map((name) => ({ name, type: 'text' })), places: text.places };
}
