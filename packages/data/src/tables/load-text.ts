import type { DuckDBConnection } from '@duckdb/node-api';
import { DataError } from '@janus/core';
import { countRows, literal, quoted } from '../manifest/database.js';
import { appendReject, plainPath, type PartOptions, type TablePart } from './table-part.js';
import type { TextEncoding } from './plain-text.js';
import { prepareText, type PreparedText } from './text-file.js';

/** Options of {@link loadText}. */
interface LoadTextOptions extends PartOptions {
  /** `header` (default): the first record names them; a number: how many there are; `lines`: one. */
  readonly columns?: 'header' | 'lines' | number;
  /** The columns to be kept; default all. */
  readonly keep?: readonly string[];
  /** Default: by the byte order mark, else UTF-8. */
  readonly encoding?: TextEncoding;
  /** One character; default: a tab for `.tsv`, else by the header. */
  readonly delimiter?: string;
  /** The file that rejected lines are reported under; default: the file itself. */
  readonly source?: string;
}

/** The delimiter where there is one column: a byte that no accepted text holds. */
const NO_DELIMITER = '\u0001';

/**
 * Reads a CSV file, or the lines of a text, into a table, every column as text; what is not a whole row is
 * rejected.
 *
 * @throws DataError when {@link prepareText} does, or the database reads a different number of rows
 */
export async function loadText(
  connection: DuckDBConnection,
  file: string,
  options: LoadTextOptions,
): Promise<TablePart> {
  const { into, work, keep, encoding, columns = 'header', source = file } = options;
  const delimiter = options.delimiter ?? (/\.tsv(\.gz)?$/i.test(file) ? '\t' : undefined);
  const rejected = await connection.createAppender(options.rejected.table);
  let text: PreparedText;
  try {
    text = await prepareText(file, {
      work,
      columns,
      ...(encoding === undefined ? {} : { encoding }),
      ...(delimiter === undefined ? {} : { delimiter }),
      reject: (line, reason, shown) => {
        appendReject(rejected, { line, path: shown, reason, source });
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
    // Its threads begin anywhere in the file, and may take a line within a cell for a row.
    `parallel = ${!text.spansLines}`,
    `columns = {${types.join(', ')}}`,
  ];
  await connection.run(
    `CREATE TABLE ${into} AS SELECT ${kept.map(quoted).join(', ')}
     FROM read_csv(${literal(await plainPath(text.path, work))}, ${settings.join(', ')})`,
  );
  const rows = await countRows(connection, into);
  if (rows !== text.rows) {
    throw new DataError(
      `${file}: has ${text.rows} rows, but the database reads ${rows}. Quote all of its cells, and report the file.`,
      { path: file },
    );
  }
  return {
    table: into,
    columns: kept.map((name) => ({ name, type: 'text' })),
    places: text.places,
    ...(text.delimiter === null ? {} : { delimiter: text.delimiter }),
  };
}
