/** All runs below a folder, read by one reader for all who look. */
import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import {
  DataError,
  findRunFolders,
  relativeName,
  type FoundRunFolders,
  type UnreadableFolder,
} from '@janus/core';
import type { RunView } from './run-view.js';
import { openWatchedRun, unreadableView, type WatchedRun } from './watched-run.js';

/** A run and what the last reading found. */
export interface ReadRun {
  readonly run: WatchedRun;
  readonly view: RunView;
}

/** Reads the runs below a folder. */
export interface RunsReader {
  /** Reads what has changed since: new runs appear, removed ones are gone. */
  readonly read: () => Promise<void>;
  /** Returns what the last reading found, by id. */
  readonly runs: () => ReadonlyMap<string, ReadRun>;
}

/** Returns a reader of the runs below a folder, which need not exist yet; nothing is read yet. */
export function openRunsReader(folder: string): RunsReader {
  const root = resolve(folder);
  const open = new Map<string, WatchedRun>();
  let found: ReadonlyMap<string, ReadRun> = new Map();
  return {
    runs: () => found,
    read: async () => {
      const { folders, unreadable } = await foldersBelow(root);
      const present = new Set(folders);
      for (const path of open.keys()) if (!present.has(path)) open.delete(path);
      const read = folders.map(async (path): Promise<ReadRun> => {
        const run = open.get(path) ?? openWatchedRun(path, idOf(root, path));
        open.set(path, run);
        return { run, view: await run.read() };
      });
      const all = [
        ...(await Promise.all(read)),
        ...unreadable.map((each) => brokenRun(root, each)),
      ];
      found = new Map(all.map((each) => [each.view.id, each]));
    },
  };
}

async function foldersBelow(root: string): Promise<FoundRunFolders> {
  if (!existsSync(root)) return { folders: [], unreadable: [] };
  try {
    return await findRunFolders(root);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { folders: [], unreadable: [{ name: basename(root), reason: error.message }] };
  }
}

/** Returns a run's path below the folder of runs, with `/` on every system. */
const idOf = (root: string, path: string): string => relativeName(root, path) || basename(root);

/** Returns the place of a folder that cannot be looked into. */
function brokenRun(root: string, { name, reason }: UnreadableFolder): ReadRun {
  const view = unreadableView(name, reason);
  const run = { folder: join(root, name), read: () => Promise.resolve(view) };
  return { run: { ...run, curves: () => ({ figures: [] }) }, view };
}
