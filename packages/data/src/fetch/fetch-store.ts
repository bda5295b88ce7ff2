/** Writes images and outcomes to the disk, and makes them durable in groups. */

import { lstat, mkdir, open, realpath, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { forEachConcurrently, OptionsError, syncFolder } from '@janus/core';
import type { Body } from './fetch-body.js';
import { journalLine, openJournal } from './fetch-journal.js';
import type { FetchOutcome } from './fetch-status.js';

/** Stores outcomes and images. */
interface FetchStore {
  /** Returns a name for a temporary file. */
  readonly temporaryName: () => string;
  /** Stores an outcome and its image; waits only when the disk falls behind. */
  readonly keep: (key: string, outcome: FetchOutcome, body?: Body) => Promise<void>;
  /** Makes everything durable and ends. */
  readonly close: () => Promise<void>;
}

/** Outcomes of a group that is made durable at once; meanwhile the next group grows. */
const GROUP = 64;
/** Longest time that an outcome waits for its group to fill, in ms. */
const GROUP_MS = 250;
/**
 * Files made durable at once: the number of Node's I/O threads; with more, new images would queue behind
 * them.
 */
const SYNCS = 4;
/** Outcomes that may wait, each perhaps with an open file, before requests have to wait. */
const BACKLOG = 256;
/** Bytes that may wait to be written before requests have to wait. */
const BACKLOG_BYTES = 32 * 1024 * 1024;

/** An image that is written but not durable yet. */
interface Written {
  readonly handle: FileHandle;
  readonly folder: string;
}

/**
 * Opens the store of a data folder: images under `images/`, the journal beside it. An image gets its final name when
 * all of its bytes are written, and only then its outcome enters the journal, where marks record what is durable.
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
  // Files that a killed run left incomplete.
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial);
  const journal = await openJournal(folder);
  const made = new Map<string, Promise<void>>();
  let newFolders = false;
  const saving = new Set<Promise<void>>();
  let waiting: (Written | undefined)[] = [];
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
    newFolders = true;
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
    await rename(name, path);
    return { handle, folder: parent };
  };

  const makeDurable = async (written: readonly (Written | undefined)[]): Promise<void> => {
    // The lines of these images, and of all groups before, end before this offset.
    const end = journal.end();
    const folders = new Set<string>(newFolders ? [images] : []);
    newFolders = false;
    await forEachConcurrently(
      written,
      async (image) => {
        if (image === undefined) return;
        folders.add(image.folder);
        await image.handle.datasync();
        await image.handle.close();
      },
      SYNCS,
    );
    await forEachConcurrently([...folders], syncFolder, SYNCS);
    await journal.mark(end);
  };

  const makeWaitingDurable = async (): Promise<void> => {
    while (waiting.length > 0) {
      const written = waiting;
      waiting = [];
      group = makeDurable(written).catch(fail);
      await group;
      backlog -= written.length;
    }
    working = undefined;
  };

  const fail = (error: unknown): void => {
    failure ??= { error };
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    return (working ??= makeWaitingDurable());
  };

  const record = (line: string, image?: Written): void => {
    journal.append(line);
    waiting.push(image);
    if (waiting.length >= GROUP) void flush();
    else timer ??= setTimeout(() => void flush(), GROUP_MS);
  };

  return {
    temporaryName,
    keep: async (key, outcome, body) => {
      if (failure !== undefined) throw failure.error;
      const { path } = outcome;
      const line = journalLine(key, outcome);
      backlog += 1;
      if (body === undefined || path === null) record(line);
      else {
        const bytes = body.chunks.reduce((sum, { length }) => sum + length, 0);
        backlogBytes += bytes;
        const saved = save(join(folder, path), body)
          .then((image) => {
            record(line, image);
          })
          .catch(fail)
          .finally(() => {
            backlogBytes -= bytes;
            saving.delete(saved);
          });
        saving.add(saved);
      }
      if (backlog <= BACKLOG && backlogBytes <= BACKLOG_BYTES) return;
      void flush();
      await (backlogBytes > BACKLOG_BYTES ? Promise.race(saving) : group);
    },
    close: async () => {
      await Promise.all(saving);
      await flush();
      await journal.close().catch(fail);
      await rm(partial, { recursive: true, force: true });
      if (failure !== undefined) throw failure.error;
    },
  };
}
