/**
 * Prepares text tables for the database: decompressed, decoded, and without records on which readers
 * disagree.
 */

import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, OptionsError, temporaryNameFor } from '@janus/core';
import {
  BLANK,
  cellsOfRecord,
  LONG,
  RECORD_FAULTS,
  scanRecords,
  type ScannedRecords,
  type TextShape,
} from './text-scan.js';
import { plainText, type TextEncoding } from './plain-text.js';

/** Receives each line that is not a row. */
type RejectLine = (line: number, reason: string, text: string) => void;

/** Options of {@link prepareText}. */
interface PrepareTextOptions {
  /** A folder for copies, which the caller makes and removes. */
  readonly work: string;
  /**
   * `header`: the first record names the columns; a number: how many there are, without names; `lines`:
   * one.
   */
  readonly columns: 'header' | 'lines' | number;
  /** Default: by the byte order mark, else UTF-8. */
  readonly encoding?: TextEncoding;
  /**
   * One character between cells; default: that of a first line `sep=;`, else the most frequent of `,` `;` tab `|` in
   * the header.
   */
  readonly delimiter?: string;
  readonly reject: RejectLine;
}

/** A text that every reader splits into the same rows. */
export interface PreparedText {
  /** The file itself, or a copy in `work`. */
  readonly path: string;
  /** Whether its first record is the header. */
  readonly header: boolean;
  /** The names in the header; without a header `c0`, `c1`, ... */
  readonly columns: readonly string[];
  /** Null where every line is one cell. */
  readonly delimiter: string | null;
  /** Number of rows, without the header. */
  readonly rows: number;
  /** The lines of the rows, in ascending order of `first`. */
  readonly places: readonly Place[];
  /** Whether a cell of a row spans lines. */
  readonly spansLines: boolean;
}

/** From row `first` on (counted from 0), row n is in line n + `shift`. */
export interface Place {
  readonly first: number;
  readonly shift: number;
}

/** Bytes read at once: several of the longest records. */
const PIECE = 8 * 2 ** 20;

/** Characters of a rejected line that are recorded. */
const SHOWN = 120;

const DELIMITERS = [',', ';', '\t', '|'];
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const LF = 10;
const CR = 13;

/**
 * Returns a text in UTF-8 that holds only whole records with the right number of cells; `reject` receives the others
 * with their lines. A gzip file is decompressed to its end first, so that one that was cut off is refused rather than
 * read in part.
 *
 * @throws DataError when a gzip file is damaged, there is no header, or a column occurs twice; OptionsError when the
 * delimiter is not one character
 */
export async function prepareText(
  path: string,
  options: PrepareTextOptions,
): Promise<PreparedText> {
  const { work, reject, columns } = options;
  if (options.delimiter !== undefined && !/^[^"\r\n]$/.test(options.delimiter)) {
    throw new OptionsError(
      `${path}: the delimiter must be one character other than a quote or line end, but got ${JSON.stringify(options.delimiter)}. Write for example --delimiter ';'.`,
    );
  }
  const text = await plainText(path, options);
  const handle = await open(text, 'r');
  try {
    const head = await readHead(handle, path, options);
    const delimiter = columns === 'lines' ? null : head.delimiter;
    const names =
      typeof columns === 'number'
        ? Array.from({ length: columns }, (_, i) => `c${i}`)
        : columns === 'lines'
          ? ['c0']
          : head.names;
    const shape = { delimiter: delimiter?.charCodeAt(0) ?? null, cells: names.length };
    const body = { handle, shape, offset: head.offset };
    const { plain, ...counted } = await countRecords(body, { line: head.line, reject });
    const common = { columns: names, delimiter, ...counted };
    if (plain && head.plain) return { ...common, path: text, header: columns === 'header' };
    const copy = temporaryNameFor(join(work, 'rows'));
    await copyRecords(body, copy);
    return { ...common, path: copy, header: false };
  } finally {
    await handle.close();
  }
}

/** The header of a text. */
interface Head {
  readonly names: readonly string[];
  readonly delimiter: string;
  /** Offset of the first row in bytes. */
  readonly offset: number;
  /** Line of the first row, from 1. */
  readonly line: number;
  /** Whether there is nothing but one header before the rows. */
  readonly plain: boolean;
}

async function readHead(
  handle: FileHandle,
  name: string,
  options: PrepareTextOptions,
): Promise<Head> {
  const { size } = await handle.stat();
  const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(PIECE), 0, PIECE, 0);
  const text = buffer.subarray(0, bytesRead);
  let offset = text.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
  // Excel's first line `sep=;` names the delimiter.
  const named = /^sep=([^"\r\n])\r?\n/i.exec(text.subarray(offset, offset + 8).toString());
  const given = options.delimiter ?? named?.[1];
  if (options.columns !== 'header') {
    return { names: [], delimiter: given ?? ',', offset, line: 1, plain: offset === 0 };
  }
  let line = 1;
  if (named !== null) {
    offset += Buffer.byteLength(named[0]);
    line = 2;
  }
  for (; text[offset] === LF || (text[offset] === CR && text[offset + 1] === LF); line++) {
    offset += text[offset] === LF ? 1 : 2;
  }
  if (offset >= bytesRead) {
    throw new DataError(
      `${name}: a table has a header and rows, but this file is empty. Check the file.`,
      { path: name },
    );
  }
  const rest = text.subarray(offset);
  const end = rest.indexOf(LF);
  const delimiter = given ?? mostFrequent(rest.subarray(0, end < 0 ? rest.length : end).toString());
  const shape = { delimiter: delimiter.charCodeAt(0), cells: null };
  const { starts, ends, faults, lines, used } = scanRecords(rest, shape, {
    last: bytesRead >= size,
  });
  if (faults[0] !== 0) {
    throw new DataError(
      `${name}: must begin with a readable header, but line ${line} is at fault: ${RECORD_FAULTS[faults[0] ?? LONG] ?? ''}. Fix that line.`,
      { path: name },
    );
  }
  const cellsOf = (i: number): readonly string[] =>
    cellsOfRecord(rest.subarray(starts[i], ends[i]).toString(), delimiter);
  const written = cellsOf(0);
  const rows = faults.flatMap((fault, i) => (i > 0 && i <= LOOKED_AT && fault === 0 ? [i] : []));
  const names = namesOfRows(written, rows.map(cellsOf));
  return {
    names: columnNames(names, name),
    delimiter,
    offset: offset + (starts[1] ?? used),
    line: line + (lines[0] ?? 1),
    plain: line === 1 && names.length === written.length,
  };
}

/** Rows in which the ends of lines are compared with the header's. */
const LOOKED_AT = 100;

/**
 * Returns the header's cells, without blank ones at its end that no row has (`image,label,`), and with blank ones for
 * those that every row has at its end (`a.jpg,cat,`).
 */
function namesOfRows(
  names: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const [first] = rows;
  if (first === undefined || first.length === names.length) return names;
  const cells = first.length;
  const isBlank = (text: string): boolean => text.trim() === '';
  if (rows.some((row) => row.length !== cells)) return names;
  if (names.slice(cells).some((each) => !isBlank(each))) return names;
  if (rows.some((row) => row.slice(names.length).some((each) => !isBlank(each)))) return names;
  return Array.from({ length: cells }, (_, i) => names[i] ?? '');
}

/** Returns the delimiter that occurs most often outside quotes; a comma where none does. */
function mostFrequent(header: string): string {
  const bare = header.replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((each) => bare.split(each).length - 1);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/**
 * Returns the names of columns: trimmed, and `column_<n>` for a column without a name.
 *
 * @throws DataError when two columns have the same name; like SQL, this ignores case
 */
export function columnNames(names: readonly string[], path: string): readonly string[] {
  const seen = new Set<string>();
  return names.map((each, i) => {
    const name = each.trim() === '' ? `column_${i + 1}` : each.trim();
    if (seen.has(name.toLowerCase())) {
      throw new DataError(
        `${path}: columns must have different names, but two are called ${name}. Rename one.`,
        { path },
      );
    }
    seen.add(name.toLowerCase());
    return name;
  });
}

/** The rows of an open text. */
interface Body {
  readonly handle: FileHandle;
  readonly shape: TextShape;
  readonly offset: number;
}

async function* piecesOf(
  body: Body,
): AsyncGenerator<{ readonly text: Uint8Array; readonly records: ScannedRecords }, void, void> {
  const buffer = Buffer.allocUnsafe(PIECE);
  const { size } = await body.handle.stat();
  let position = body.offset;
  let skip = false;
  for (;;) {
    const { bytesRead } = await body.handle.read(buffer, 0, PIECE, position);
    if (bytesRead === 0) return;
    const text = buffer.subarray(0, bytesRead);
    const records = scanRecords(text, body.shape, { last: position + bytesRead >= size, skip });
    yield { text, records };
    position += records.used;
    skip = records.skip;
  }
}

async function countRecords(
  body: Body,
  context: { readonly line: number; readonly reject: RejectLine },
): Promise<
  Pick<PreparedText, 'rows' | 'places' | 'spansLines'> & {
    /** Whether the database can read the file as it is. */
    readonly plain: boolean;
  }
> {
  const places: Place[] = [];
  let { line } = context;
  let rows = 0;
  let shift = NaN;
  let [lf, crlf, plain, spansLines] = [false, false, true, false];
  for await (const { text, records } of piecesOf(body)) {
    for (const [i, fault] of records.faults.entries()) {
      if (fault === 0) {
        if (line - rows !== shift) {
          shift = line - rows;
          places.push({ first: rows, shift });
        }
        rows += 1;
        spansLines ||= (records.lines[i] ?? 1) > 1;
      } else {
        plain = false;
        const reason = RECORD_FAULTS[fault] ?? '';
        if (fault !== BLANK) {
          const start = records.starts[i] ?? 0;
          const shown = text.subarray(start, Math.min(records.ends[i] ?? 0, start + 4 * SHOWN));
          context.reject(line, reason, Buffer.from(shown).toString().slice(0, SHOWN));
        }
      }
      line += records.lines[i] ?? 1;
    }
    lf ||= records.lf;
    crlf ||= records.crlf;
  }
  return { rows, places, spansLines, plain: plain && !(lf && crlf) };
}

/** Writes the records without a fault, each with a plain line feed. */
async function copyRecords(body: Body, path: string): Promise<void> {
  const to = await open(path, 'wx');
  try {
    for await (const { text, records } of piecesOf(body)) {
      const { starts, ends, faults } = records;
      const out = Buffer.allocUnsafe(text.length + 1);
      let at = 0;
      for (const [i, fault] of faults.entries()) {
        if (fault !== 0) continue;
        const record = text.subarray(starts[i], ends[i]);
        out.set(record, at);
        out[at + record.length] = LF;
        at += record.length + 1;
      }
      await to.write(out, 0, at);
    }
  } finally {
    await to.close();
  }
}
