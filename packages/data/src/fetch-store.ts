/** Pictures and outcomes to the disk, made durable in groups. */

import { lstat, mkdir, open, realpath, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { OptionsError, syncFolder } from '@janus/core';
import type { Body } from './fetch-body.js';
import { journalLine, openJournal } from './fetch-journal.js';
import type { FetchOutcome } from './fetch-status.js';

/** Takes outcomes and keeps them. */
export interface FetchStore {
  /** Returns a name for a temporary file. */
  readonly temporaryName: () => string;
  /** Takes an outcome and its picture; waits only when the disk is behind. */
  readonly keep: (key: string, outcome: FetchOutcome, body?: Body) => Promise<void>;
  /** Makes everything durable and ends. */
  readonly close: () => Promise<void>;
}

/** Begins to be made durable at once; while that goes on, the next group grows. */
const GROUP = 64;
/** An outcome waits no longer than this for its group, in ms: what a kill can cost. */
const GROUP_MS = 250;
/** Outcomes that wait, each with an open file perhaps; more makes the requests wait. */
const BACKLOG = 256;
/** Bytes that wait to be written; more makes the requests wait. */
const BACKLOG_BYTES = 32 * 1024 * 1024;

/** A picture's file that is written but not durable. */
interface Written {
  readonly handle: FileHandle;
  readonly name: string;
  readonly path: string;
}

interface Waiting {
  readonly line: string;
  readonly file: Promise<Written> | undefined;
}

/**
 * Opens the store of a data folder: pictures under `images/`, the journal beside. A picture has its final
 * name only when all its bytes are durable, and an outcome is in the journal only after that.
 *
 * @throws OptionsError when `images` lies outside the data folder
 */
export async function openFetchStore(folder: string): Promise<FetchStore> {
  const images = join(folder, 'images');
  const partial = join(images, '.partial');
  await mkdir(images, { recursive: true });
  if (!(await realpath(images)).startsWith((await realpath(folder)) + sep)) {
    throw new OptionsError(
      `${images}: must lie in the data folder, but is a link that leads out of it. Replace it by a folder.`,
    );
  }
  // What a killed run left half-written.
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial);
  const journal = await openJournal(folder);
  const made = new Map<string, Promise<void>>();
  let waiting: Waiting[] = [];
  let working: Promise<void> | undefined;
  let group: Promise<void> = Promise.resolve();
  let backlog = 0;
  let backlogBytes = 0;
  let names = 0;
  let timer: NodeJS.Timeout | undefined;
  let failure: { readonly error: unknown } | undefined;

  const temporaryName = (): string => join(partial, String((names += 1)));

  const makeFolder = async (path: string): Promise<void> => {
    await mkdir(path, { recursive: true });
    if (!(await lstat(path)).isDirectory()) {
      throw new OptionsError(`${path}: must be a folder, but is a link. Replace it by a folder.`);
    }
    await syncFolder(images);
  };

  const save = async (path: string, body: Body): Promise<Written> => {
    const parent = dirname(path);
    let folderMade = made.get(parent);
    if (folderMade === undefined) made.set(parent, (folderMade = makeFolder(parent)));
    await folderMade;
    const name = body.spool?.name ?? temporaryName();
    const handle = body.spool?.handle ?? (await open(name, 'wx'));
    const { chunks } = body;
    await handle.writeFile(chunks.length === 1 ? (chunks[0] ?? '') : Buffer.concat(chunks));
    return { handle, name, path };
  };

  const writeGroup = async (outcomes: readonly Waiting[]): Promise<void> => {
    const folders = new Set<string>();
    await Promise.all(
      outcomes.map(async ({ file }) => {
        if (file === undefined) return;
        const { handle, name, path } = await file;
        await handle.datasync();
        await handle.close();
        await rename(name, path);
        folders.add(dirname(path));
      }),
    );
    await Promise.all([...folders].map(syncFolder));
    await journal.append(outcomes.map(({ line }) => line).join(''));
  };

  const writeWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      const outcomes = waiting;
      waiting = [];
      group = writeGroup(outcomes).catch((error: unknown) => {
        failure ??= { error };
      });
      await group;
      backlog -= outcomes.length;
    }
    working = undefined;
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    return (working ??= writeWaiting());
  };

  return {
    temporaryName,
    keep: async (key, outcome, body) => {
      if (failure !== undefined) throw failure.error;
      const { path } = outcome;
      let file: Promise<Written> | undefined;
      if (body !== undefined && path !== null) {
        const bytes = body.chunks.reduce((sum, { length }) => sum + length, 0);
        backlogBytes += bytes;
        file = save(join(folder, path), body).finally(() => {
          backlogBytes -= bytes;
        });
        // Its group tells of a failure.
        file.catch(() => undefined);
      }
      waiting.push({ line: journalLine(key, outcome), file });
      backlog += 1;
      if (waiting.length >= GROUP) void flush();
      else timer ??= setTimeout(() => void flush(), GROUP_MS);
      if (backlog <= BACKLOG && backlogBytes <= BACKLOG_BYTES) return;
      void flush();
      await group;
    },
    close: async () => {
      await flush();
      await journal.close();
      await rm(partial, { recursive: true, force: true });
      if (failure !== undefined) throw failure.error;
    },
  };
}
