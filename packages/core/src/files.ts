import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { z } from 'zod';
import { DataError } from './errors.js';

/** Returns the SHA-256 of a file's bytes, in lower-case hexadecimal. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/** Returns an unused hidden name in the folder of `path`, to write under before renaming. */
export function temporaryNameFor(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomUUID().slice(0, 8)}.tmp`);
}

/** Returns a path with the names that {@link temporaryNameFor} made in place of those they stand for. */
export function withoutTemporaryNames(path: string): string {
  return path.replace(/(?<=^|\/)\.([^/]+)\.\d+\.[0-9a-f]{8}\.tmp(?=\/|$)/g, '$1');
}

/** Syncs a folder to disk: only then is a rename in it durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Syncs the file or folder `temporary` to disk, renames it to `path`, and syncs the folder. */
export async function commitRename(temporary: string, path: string): Promise<void> {
  const handle = await open(temporary, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/**
 * Writes a whole file or nothing: temporary name, sync, rename, sync of the folder. Creates the folder
 * if it does not exist. A full disk leaves the old file as it was.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await writeAtomic(path, async (file) => {
    await file.writeFile(content);
  });
}

/** Writes a whole file or nothing, as {@link writeFileAtomic} does, by a function that is given the open file. */
export async function writeAtomic(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = temporaryNameFor(path);
  try {
    const handle = await open(temporary, 'wx');
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/**
 * Returns a value as JSON text. JSON has no NaN and no infinity: `JSON.stringify` writes null for them, which no
 * reader of a number accepts.
 *
 * @param path the file that the text is for, named in the error
 * @param indent spaces per level; default 0: all in one line
 * @throws DataError when the value holds a number that is not finite
 */
export function jsonText(path: string, value: unknown, indent = 0): string {
  const check = (key: string, each: unknown): unknown => {
    if (typeof each !== 'number' || Number.isFinite(each)) return each;
    throw new DataError(
      `${path}: numbers must be finite to be read back, but ${key} is ${each}; nothing was written. Report this as a bug.`,
      { path },
    );
  };
  return JSON.stringify(value, check, indent);
}

/**
 * Writes a value as indented JSON that ends in a line break, as {@link writeFileAtomic} does.
 *
 * @throws DataError when the value holds a number that is not finite; the old file stays
 */
export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, `${jsonText(path, value, 2)}\n`);
}

/**
 * Returns the value in a JSON file; `undefined` when the file does not exist.
 *
 * @param wayOut the last sentence of an error message: what to do about it
 * @throws DataError when the file cannot be read, is not JSON, or does not match the schema
 */
export async function readJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  wayOut: string,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DataError(`${path}: must be a readable file. ${wayOut}`, { path, cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${path}: must be JSON, but it is not. ${wayOut}`, { path, cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DataError(
    `${path}: ${issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.')} is not as it should be: ${issue?.message ?? 'unknown'}. ${wayOut}`,
    { path },
  );
}

/**
 * Returns the folder of the per-user cache, for engines and pretrained weights: `JANUS_CACHE`, else
 * `janus` in `XDG_CACHE_HOME`, else `~/.cache/janus`; always an absolute path, since libraries are loaded from it.
 *
 * @param environment default: the process's
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const own = environment['JANUS_CACHE'];
  if (own !== undefined && own !== '') return resolve(own);
  const shared = environment['XDG_CACHE_HOME'];
  if (shared !== undefined && shared !== '') return resolve(shared, 'janus');
  return join(homedir(), '.cache', 'janus');
}
