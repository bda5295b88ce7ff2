/** Finds the records of a text table, and their faults. */

import { isUtf8 } from 'node:buffer';

const LF = 10;
const CR = 13;
const QUOTE = 34;

/** Longest record in bytes, 2 MB: the limit of the database. */
const LONGEST_RECORD = 2_000_000;

/** How a text is split into records. */
export interface TextShape {
  /** The byte between cells; null where every line is one cell and quotes mean nothing (JSONL). */
  readonly delimiter: number | null;
  /** Number of cells of a record; null: any number, for the header. */
  readonly cells: number | null;
}

/** Faults of a record; 0 is a record without a fault, 1 a blank line, which is skipped. */
export const RECORD_FAULTS: readonly string[] = [
  '',
  'blank line',
  'too few cells',
  'too many cells',
  'text after a closing quote',
  'quote that is never closed',
  'longer than 2 MB',
  'not UTF-8 text (--encoding latin1 or utf-16 reads others)',
  'control character in the text',
  'carriage return inside a cell',
];
/** Index of `blank line` in {@link RECORD_FAULTS}. */
export const BLANK = 1;
const FEW = 2;
const MANY = 3;
const AFTER_QUOTE = 4;
const OPEN_QUOTE = 5;
/** Index of `longer than 2 MB` in {@link RECORD_FAULTS}. */
export const LONG = 6;
const NOT_UTF8 = 7;
const CONTROL = 8;
const LONE_CR = 9;

/** Records of a piece of text as columns: one element for each record. */
export interface ScannedRecords {
  /** Offset of the first byte, and of the byte after the last, line end not included. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** Index in {@link RECORD_FAULTS}; 0 without a fault. */
  readonly faults: readonly number[];
  /** Number of physical lines of the record, at least 1. */
  readonly lines: readonly number[];
  /** Bytes that were used up; an incomplete record follows. */
  readonly used: number;
  /** Whether the piece ends inside a line that is too long, so that the next piece begins with its rest. */
  readonly skip: boolean;
  /** Whether lines end in `\n`, and whether they end in `\r\n`. */
  readonly lf: boolean;
  readonly crlf: boolean;
}

/** Position of a piece in a text. */
interface PieceOfText {
  /** Whether the text ends with it. */
  readonly last: boolean;
  /** Whether it begins with the rest of a line that was too long; default false. */
  readonly skip?: boolean;
}

/**
 * Returns the records of a piece of text that begins at a record: RFC 4180 with quotes that may hold
 * line ends; a quote inside an unquoted cell stands for itself. A record with a fault takes one physical line, and
 * reading continues after it, so that a quote left open hides no other row.
 *
 * @param text longer than {@link LONGEST_RECORD} unless it is the last piece
 */
export function scanRecords(
  text: Uint8Array,
  shape: TextShape,
  piece: PieceOfText,
): ScannedRecords {
  const { last, skip: rest = false } = piece;
  const delimiter = shape.delimiter ?? -1;
  const quoting = shape.delimiter !== null;
  const size = text.length;
  const starts: number[] = [];
  const ends: number[] = [];
  const faults: number[] = [];
  const lines: number[] = [];
  let lf = false;
  let crlf = false;
  let skip = rest;
  let at = 0;
  if (rest) {
    const end = text.indexOf(LF);
    at = end < 0 ? size : end + 1;
    skip = end < 0;
  }
  while (at < size) {
    const start = at;
    let cells = 1;
    let fault = 0;
    let taken = 1;
    // End of the record's first physical line, once a quoted cell goes past it.
    let firstEnd = -1;
    let whole = false;
    let i = start;
    cells: for (;;) {
      if (quoting && i < size && text[i] === QUOTE) {
        i += 1;
        for (;;) {
          while (i < size && text[i] !== QUOTE) {
            if (text[i] === LF) {
              taken += 1;
              if (firstEnd < 0) firstEnd = i;
            }
            i += 1;
          }
          if (i >= size) {
            if (last || i - start > LONGEST_RECORD) fault = OPEN_QUOTE;
            break cells;
          }
          if (text[i + 1] !== QUOTE) break;
          i += 2;
        }
        if (i + 1 >= size && !last) break;
        i += 1;
        if (i < size && text[i] !== delimiter && text[i] !== LF && text[i] !== CR) {
          // After a line end, it is more likely that an earlier quote was left open.
          fault = firstEnd < 0 ? AFTER_QUOTE : OPEN_QUOTE;
          break;
        }
      } else {
        while (i < size && text[i] !== delimiter && text[i] !== LF && text[i] !== CR) i += 1;
      }
      if (i >= size) {
        whole = last;
        break;
      }
      const byte = text[i];
      if (byte === delimiter) {
        cells += 1;
        i += 1;
      } else if (byte === LF) {
        whole = true;
        break;
      } else if (i + 1 < size ? text[i + 1] === LF : last) {
        whole = true;
        break;
      } else if (i + 1 >= size) {
        break;
      } else {
        fault = LONE_CR;
        break;
      }
    }
    let end = i;
    if (fault !== 0) {
      // The rest of the first line is skipped; the lines after it are read on their own.
      end = firstEnd < 0 ? text.indexOf(LF, i) : firstEnd;
      if (end < 0 && !last && size - start <= LONGEST_RECORD) break;
      skip = end < 0 && !last;
      if (end < 0) end = size;
    } else if (!whole) {
      if (size - start <= LONGEST_RECORD && !last) break;
      // Longer than any record may be: the next record begins after this line.
      fault = LONG;
      end = text.indexOf(LF, start);
      skip = end < 0 && !last;
      if (end < 0) end = size;
      taken = 1;
    } else if (end === start) {
      fault = BLANK;
    } else if (end - start > LONGEST_RECORD) {
      fault = firstEnd < 0 ? LONG : OPEN_QUOTE;
    } else if (shape.cells !== null && cells !== shape.cells) {
      fault = cells < shape.cells ? FEW : MANY;
    }
    if (fault !== 0 && taken > 1) {
      // A quote joined these lines, perhaps by mistake: they are read one by one.
      end = firstEnd;
      taken = 1;
    }
    at = end + 1;
    if (end < size && text[end] === CR) {
      crlf = true;
      at = end + 2;
    } else if (end < size) {
      const cr = end > start && text[end - 1] === CR;
      if (cr) end -= 1;
      if (cr) crlf = true;
      else lf = true;
    }
    starts.push(start);
    ends.push(end);
    faults.push(fault);
    lines.push(taken);
  }
  const used = Math.min(at, size);
  markText(text.subarray(0, used), { starts, ends, faults }, quoting);
  return { starts, ends, faults, lines, used, skip, lf, crlf };
}

/** Marks records that are not text; single records are checked only where the piece as a whole fails. */
function markText(
  text: Uint8Array,
  records: { readonly starts: number[]; readonly ends: number[]; readonly faults: number[] },
  quoting: boolean,
): void {
  // Byte 1 is the delimiter of lines with one column.
  const control = (bytes: Uint8Array): boolean =>
    bytes.includes(0) || (!quoting && bytes.includes(1));
  const someControl = control(text);
  const someOther = !isUtf8(text);
  if (!someControl && !someOther) return;
  const { starts, ends, faults } = records;
  for (let i = 0; i < starts.length; i++) {
    if (faults[i] !== 0) continue;
    const record = text.subarray(starts[i], ends[i]);
    if (someOther && !isUtf8(record)) faults[i] = NOT_UTF8;
    else if (someControl && control(record)) faults[i] = CONTROL;
  }
}

/** Returns the cells of a record in which {@link scanRecords} found no fault. */
export function cellsOfRecord(record: string, delimiter: string): readonly string[] {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (record[at] === '"') {
      let end = at + 1;
      while (record[end] !== '"' || record[end + 1] === '"') end += record[end] === '"' ? 2 : 1;
      cells.push(record.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const found = record.indexOf(delimiter, at);
      const end = found < 0 ? record.length : found;
      cells.push(record.slice(at, end));
      at = end;
    }
    if (at >= record.length) return cells;
    at += delimiter.length;
  }
}
