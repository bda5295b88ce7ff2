/**
 * What a fetch has done so far, one JSON line for each address, read by the database. Lines are appended at once, so
 * that a killed process loses nothing. Marks record up to where the images are durable, so that after a crash of the
 * machine only later lines need checking.
 */

import { existsSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256OfFile, syncFolder } from '@janus/core';
import type { FetchOutcome } from './fetch-status.js';

/** Returns the path of a data folder's journal. */
export function journalFile(folder: string): string {
  return join(folder, 'fetch.journal.jsonl');
}

/** Returns a line of the journal: an outcome under its address's key, without null fields. */
export function journalLine(key: string, outcome: FetchOutcome): string {
  const known = Object.entries(outcome).filter(([, value]) => value !== null);
  return `${JSON.stringify({ key, ...Object.fromEntries(known) })}\n`;
}

const markLine = (offset: number): string => `{"durable":${offset}}\n`;
const MARK = /^\{"durable":(\d+)\}$/;

/** A journal that is open for writing. */
interface Journal {
  /** Adds a line; it is written shortly after. */
  readonly append: (line: string) => void;
  /** Returns the offset of the next line in bytes. */
  readonly end: () => number;
  /** Marks the images of all lines before `offset` as durable, and makes the mark durable. */
  readonly mark: (offset: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens the journal of a data folder for appending; {@link repairJournal} must have run before. */
export async function openJournal(folder: string): Promise<Journal> {
  const handle = await open(journalFile(folder), 'a');
  let end = (await handle.stat()).size;
  let lines = '';
  let writing: Promise<void> | undefined;
  await syncFolder(folder);

  const writeLines = async (): Promise<void> => {
    while (lines !== '') {
      const next = lines;
      lines = '';
      await handle.appendFile(next);
    }
    writing = undefined;
  };
  const append = (line: string): void => {
    lines += line;
    end += Buffer.byteLength(line);
    if (writing !== undefined) return;
    writing = writeLines();
    // The failure is thrown to the caller of mark or close.
    writing.catch(() => undefined);
  };
  return {
    append,
    end: () => end,
    mark: async (offset) => {
      append(markLine(offset));
      await writing;
      await handle.datasync();
    },
    close: async () => {
      try {
        await writing;
      } finally {
        await handle.close();
      }
    },
  };
}

/**
 * Repairs the journal that a killed process or a crashed machine left: an incomplete last line is cut off, and lines
 * after the last mark are removed if their images are not whole on the disk.
 */
export async function repairJournal(folder: string): Promise<void> {
  if (!existsSync(journalFile(folder))) return;
  const handle = await open(journalFile(folder), 'a+');
  try {
    const { durable, text, whole } = await readTail(handle);
    const lines = text.split('\n').filter((line) => line !== '' && !MARK.test(line));
    const good: string[] = [];
    for (const line of lines) if (await isTrue(folder, line)) good.push(`${line}\n`);
    if (good.length < lines.length) {
      await handle.truncate(durable);
      await handle.appendFile(good.join(''));
    } else if (!whole) {
      await handle.truncate(durable + Buffer.byteLength(text));
    }
    if (lines.length > 0) await handle.appendFile(markLine((await handle.stat()).size));
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await syncFolder(folder);
}

/** Bytes that are read at once to find the last mark. */
const PIECE = 256 * 1024;

/** The complete lines after the last mark's offset, marks included. */
interface Tail {
  /** Where they begin. */
  readonly durable: number;
  readonly text: string;
  /** Whether the file ends with them. */
  readonly whole: boolean;
}

async function readTail(handle: FileHandle): Promise<Tail> {
  const { size } = await handle.stat();
  for (let start = size; ;) {
    start = Math.max(0, start - PIECE);
    const bytes = await readRange(handle, start, size);
    const end = bytes.lastIndexOf('\n') + 1;
    const marks = bytes.toString('latin1', 0, end).matchAll(/(?:^|\n)\{"durable":(\d+)\}(?=\n)/g);
    const durable = Math.max(-1, ...Array.from(marks, ([, offset]) => Number(offset)));
    if (start > 0 && durable < 0) continue;
    const from = Math.min(Math.max(0, durable), start + end);
    const text =
      from >= start
        ? bytes.toString('utf8', from - start, end)
        : (await readRange(handle, from, start + end)).toString('utf8');
    return { durable: from, text, whole: start + end === size };
  }
}

async function readRange(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
  return bytes.subarray(0, bytesRead);
}

/** Returns whether a line's image is whole on the disk, and makes it durable. */
async function isTrue(folder: string, line: string): Promise<boolean> {
  try {
    const { path, sha256 } = JSON.parse(line) as Partial<FetchOutcome>;
    if (path === undefined || path === null) return true;
    const file = join(folder, path);
    if ((await sha256OfFile(file)) !== sha256) return false;
    const handle = await open(file, 'r');
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
    return true;
  } catch {
    return false;
  }
}
