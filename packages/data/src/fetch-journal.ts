/** What a fetch has done so far, one JSON line each: appended in groups, read by the database. */

import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '@janus/core';
import type { FetchOutcome } from './fetch-status.js';

/** Where the journal of a data folder lies. */
export function journalFile(folder: string): string {
  return join(folder, 'fetch.journal.jsonl');
}

/** A line of the journal: an outcome under its address' key, without what is null. */
export function journalLine(key: string, outcome: FetchOutcome): string {
  const known = Object.entries(outcome).filter(([, value]) => value !== null);
  return `${JSON.stringify({ key, ...Object.fromEntries(known) })}\n`;
}

/** A journal that is open for writing. */
export interface Journal {
  /** Adds lines, durable when the promise is fulfilled. */
  readonly append: (lines: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens the journal of a data folder; a last line that a killed process left torn is cut off. */
export async function openJournal(folder: string): Promise<Journal> {
  const path = journalFile(folder);
  const handle = await open(path, 'a+');
  try {
    await cutTorn(handle);
    await syncFolder(folder);
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    append: async (lines) => {
      await handle.appendFile(lines);
      await handle.datasync();
    },
    close: async () => {
      await handle.close();
    },
  };
}

/** Read at once when the last whole line is looked for. */
const PIECE = 64 * 1024;

async function cutTorn(handle: FileHandle): Promise<void> {
  const { size } = await handle.stat();
  const piece = Buffer.alloc(PIECE);
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - PIECE);
    const { bytesRead } = await handle.read(piece, 0, end - start, start);
    const newline = piece.subarray(0, bytesRead).lastIndexOf('\n');
    if (newline >= 0) {
      if (start + newline + 1 < size) await handle.truncate(start + newline + 1);
      return;
    }
    end = start;
  }
  if (size > 0) await handle.truncate(0);
}
