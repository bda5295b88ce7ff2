/** A file that lets one process at a time write into a folder, on one machine or on several that share it. */
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { open, readFile, readlink, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { z } from 'zod';
import { EnvironmentError } from './errors.js';
import { jsonText, writeFileAtomic } from './files.js';

/** Who holds a lock: the content of its file. */
export interface LockOwner {
  /** What the owner does, such as `training`. */
  readonly work: string;
  readonly pid: number;
  /** The machine's name, and the process namespace (a container's processes have numbers of their own). */
  readonly host: string;
  /** When the process started, in the words of the system; null where it cannot be found out. */
  readonly processStart: string | null;
  /** When the lock was taken: ISO 8601, UTC. */
  readonly since: string;
}

const ownerSchema: z.ZodType<LockOwner> = z.object({
  work: z.string(),
  pid: z.number(),
  host: z.string(),
  processStart: z.string().nullable(),
  since: z.string(),
});

/** A lock that is held. */
export interface FileLock {
  /** This process. */
  readonly owner: LockOwner;
  /** The owner whose lock was taken over, because its process has ended without removing it. */
  readonly takenFrom: LockOwner | undefined;
  /** Removes the file. */
  readonly release: () => Promise<void>;
}

/** Takeovers that are tried while others try the same. */
const MAX_TRIES = 5;

/**
 * Takes a lock by creating its file, which must not exist. It is removed on release, and when the process exits by
 * itself. A file that a killed process left is recognised and taken over: its process is gone from this machine, or
 * another one has its number by now.
 *
 * @param path the file; its folder must exist
 * @param work what the lock is held for, in a word: `training`
 * @throws EnvironmentError when another holds the lock: who, since when, and what to do
 */
export async function lockFile(path: string, work: string): Promise<FileLock> {
  const me = await thisProcess(work);
  const text = `${jsonText(path, me)}\n`;
  for (let i = 0; i < MAX_TRIES; i++) {
    if (await created(path, text)) return held(path, text, { owner: me, takenFrom: undefined });
    const found = await textOf(path);
    if (found === undefined) continue; // released in between
    const owner = ownerOf(found);
    if (owner === undefined || !(await isGone(owner, me.host))) throw taken(path, owner);
    if (await replaced(path, { own: text, stale: found })) {
      return held(path, text, { owner: me, takenFrom: owner });
    }
  }
  throw taken(path, undefined);
}

/** Returns this process as the owner of a lock that it takes now. */
export async function thisProcess(work: string): Promise<LockOwner> {
  return {
    work,
    pid: process.pid,
    host: await hostOfProcess(),
    processStart: await startOfProcess(process.pid),
    since: new Date().toISOString(),
  };
}

/**
 * Returns who holds a lock; undefined where nobody does, or the file is not a lock.
 *
 * @returns `isGone`: whether the owner's process has certainly ended; of another machine's processes nothing is certain
 */
export async function readLock(
  path: string,
): Promise<{ readonly owner: LockOwner; readonly isGone: boolean } | undefined> {
  const owner = ownerOf((await textOf(path)) ?? '');
  return owner && { owner, isGone: await isGone(owner, await hostOfProcess()) };
}

function held(path: string, text: string, who: Pick<FileLock, 'owner' | 'takenFrom'>): FileLock {
  const removeNow = (): void => {
    try {
      if (readFileSync(path, 'utf8') === text) rmSync(path, { force: true });
    } catch {
      // Gone with its folder.
    }
  };
  process.once('exit', removeNow);
  return {
    ...who,
    release: async () => {
      process.removeListener('exit', removeNow);
      if ((await textOf(path)) === text) await rm(path, { force: true });
    },
  };
}

/** Creates a file that must not exist; returns false where it does. */
async function created(path: string, text: string): Promise<boolean> {
  let handle;
  try {
    handle = await open(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  try {
    await handle.writeFile(text);
    return true;
  } catch (error) {
    await rm(path, { force: true }); // a full disk must not leave a lock without an owner
    throw error;
  } finally {
    await handle.close();
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function ownerOf(text: string): LockOwner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Puts a new lock in the place of a stale one. Of several processes that found it stale, one creates the claim; it looks
 * again before it replaces the lock, so that no lock that is held is ever replaced.
 */
async function replaced(path: string, texts: LockTexts): Promise<boolean> {
  const claim = `${path}.claim`;
  if (!(await created(claim, texts.own))) throw taken(claim, undefined);
  try {
    if ((await textOf(path)) !== texts.stale) return false;
    await writeFileAtomic(path, texts.own);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

interface LockTexts {
  readonly own: string;
  readonly stale: string;
}

function taken(path: string, owner: LockOwner | undefined): EnvironmentError {
  const by =
    owner === undefined
      ? 'another process'
      : `process ${owner.pid} on ${owner.host.split(' ')[0] ?? owner.host} (${owner.work} since ${owner.since})`;
  return new EnvironmentError(
    `${path}: one process at a time may write into this folder, but ${by} does. Wait until it ends, or stop it; remove this file only if it no longer runs.`,
  );
}

/** Whether the owner's process has certainly ended; of another machine's processes nothing is certain. */
async function isGone(owner: LockOwner, host: string): Promise<boolean> {
  if (owner.host !== host) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  if (owner.processStart === null) return false;
  const start = await startOfProcess(owner.pid);
  return start !== null && start !== owner.processStart;
}

/** Returns the machine's name; on Linux with the process namespace, in which numbers of processes are unique. */
async function hostOfProcess(): Promise<string> {
  try {
    return `${hostname()} ${await readlink('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/**
 * Returns when a process started: on Linux the boot and the clock ticks since it, elsewhere what `ps` says; null where
 * neither is known. A number that is used again differs in it.
 */
async function startOfProcess(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // Field 22; the name, field 2, is in parentheses and may hold spaces.
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    if (ticks !== undefined) return `${boot.trim()} ${ticks}`;
  } catch {
    // No /proc here.
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'lstart=', '-p', String(pid)]);
    return stdout.trim() === '' ? null : stdout.trim();
  } catch {
    return null;
  }
}
