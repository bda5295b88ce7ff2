/** Plain lists: one address or path of an image a line. */

import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { temporaryNameFor } from '@janus/core';
import { hasImageEnding } from '../manifest/image-ending.js';
import { loadText } from './load-text.js';
import { plainText, type TextEncoding } from './plain-text.js';
import type { PartOptions, TablePart } from './table-part.js';

/** An address without blanks and quotes, which a table would have around or between its cells. */
const ADDRESS = /^https?:\/\/[^\s"/?#]+[^\s"]*$/i;

/** What a table has between cells or around them. */
const TABLE_CHARACTER = /[,;|\t"]/;

/** The last cell of a table's row that begins with an address: a word or number, not a part of an address. */
const WORD_AFTER_DELIMITER = /[,;|](?:[^/?=&.%,;|]*|-?\d+\.\d+)$/;

const COMMENT = /^\s*#/;

/**
 * Reads a plain list into a table with the one column `image`; undefined where the file is not one. Blank lines, lines
 * that begin with `#`, and blanks around a line are left out.
 *
 * The rule is strict, so that no table is taken for a list: every other line is an address (http or https, without
 * blanks or quotes), or a path with the ending of an image and none of `,` `;` `|` `"` and tab. Addresses may have
 * commas, unless every line ends in one and a word (`https://example.org/a,cat`): that is a table without a header.
 */
export async function loadList(
  connection: DuckDBConnection,
  file: string,
  options: PartOptions & { readonly encoding?: TextEncoding },
): Promise<TablePart | undefined> {
  const text = await plainText(file, options);
  if (!(await isList(text))) return undefined;
  const copy = temporaryNameFor(join(options.work, 'list'));
  const to = createWriteStream(copy);
  for await (const line of linesOf(text)) {
    // A comment leaves a blank line, so that the others keep their numbers.
    if (!to.write(`${COMMENT.test(line) ? '' : line.trim()}\n`)) {
      await once(to, 'drain');
    }
  }
  to.end();
  await finished(to);
  const { into, work, rejected } = options;
  const lines = { into, work, rejected, columns: 'lines', source: file } as const;
  const { places, table } = await loadText(connection, copy, lines);
  await connection.run(`ALTER TABLE ${table} RENAME COLUMN c0 TO image`);
  return { table, columns: [{ name: 'image', type: 'text' }], places, isList: true };
}

async function isList(path: string): Promise<boolean> {
  let found = false;
  let wordAfterEach = true;
  for await (const each of linesOf(path)) {
    const line = each.trim();
    if (line === '' || COMMENT.test(line)) continue;
    const isAddress = ADDRESS.test(line);
    if (!isAddress && (TABLE_CHARACTER.test(line) || !hasImageEnding(line))) return false;
    wordAfterEach &&= isAddress && WORD_AFTER_DELIMITER.test(line);
    found = true;
  }
  return found && !wordAfterEach;
}

/** Returns the lines of a text in UTF-8, without a byte order mark. */
async function* linesOf(path: string): AsyncGenerator<string, void, void> {
  const input = createReadStream(path);
  try {
    let first = true;
    for await (const line of createInterface({ input, crlfDelay: Infinity })) {
      yield first ? line.replace(/^\ufeff/, '') : line;
      first = false;
    }
  } finally {
    input.destroy();
  }
}
