/** Images that lie in folders, for sources whose labels are in their places or names. */

import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { DataError } from '@janus/core';
import type { Reject } from '../manifest/manifest.js';
import { commonFolder, expandInput, fixedPart, inputName, type ImportInput } from './inputs.js';

/** The endings of files that are taken for images. */
const IMAGE_ENDING = /\.(jpe?g|png|webp|gif|tiff?|bmp|avif)$/i;

/** What tools leave behind: nobody means these. */
const LITTER = /^(\..*|Thumbs\.db|desktop\.ini|__MACOSX)$/i;

/** How often a folder is entered, whatever links lead to it: links among links would multiply for ever. */
const MAX_VISITS = 8;

/** An image. */
interface ImageFile {
  readonly path: string;
  /** Relative to the folder that all lie in. */
  readonly name: string;
}

/** What was found. */
interface ImageFiles {
  /** The folder that all lie in: the only folder, or what is fixed of a pattern. */
  readonly root: string;
  /** Sorted by name. */
  readonly files: readonly ImageFile[];
  /** What is no image, and links or folders that lead nowhere. */
  readonly rejects: readonly Reject[];
}

/**
 * Returns all images of folders, their subfolders, files or patterns, each once. Links are followed,
 * also out of the folder, but to a folder only where it is not one that the way leads through already,
 * and eight times at most. Hidden files are left out.
 *
 * @throws DataError when a path does not exist, or there is no image
 */
export async function imageFiles(input: ImportInput): Promise<ImageFiles> {
  const given = await expandInput(input);
  const patterns = typeof input === 'string' ? [input] : input;
  const root =
    patterns.length === 1 ? fixedPart(patterns[0] ?? '.') : commonFolder(patterns.map(fixedPart));
  const found = new Map<string, ImageFile>();
  const rejects = new Map<string, Reject>();
  const reject = (path: string, reason: string): void => {
    rejects.set(path, { row: 0, path: relative(root, path), reason });
  };
  const add = (path: string): void => {
    if (IMAGE_ENDING.test(path)) found.set(path, { path, name: relative(root, path) });
    else reject(path, 'not an image file');
  };
  const context = { add, reject, above: new Set<string>() };
  for (const each of given) {
    const path = resolve(each);
    // Patterns may match a folder and what is in it: each folder that is named is entered afresh.
    if ((await stat(path)).isDirectory()) await walk(path, { ...context, visits: new Map() });
    else add(path);
  }
  if (found.size === 0) {
    throw new DataError(
      `${inputName(input)}: the folder is empty of images (jpg, png, webp, ...). Name the folder that holds them.`,
      { path: root },
    );
  }
  const files = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { root, files, rejects: [...rejects.values()] };
}

async function walk(
  folder: string,
  context: {
    readonly add: (path: string) => void;
    readonly reject: (path: string, reason: string) => void;
    /** Real paths of the folders that the way leads through. */
    readonly above: ReadonlySet<string>;
    /** How often each folder was entered, by its real path. */
    readonly visits: Map<string, number>;
  },
): Promise<void> {
  const { add, reject, visits } = context;
  let real: string;
  let entries: readonly Dirent[];
  try {
    real = await realpath(folder);
    entries = await readdir(folder, { withFileTypes: true });
  } catch {
    reject(folder, 'folder that cannot be read');
    return;
  }
  const visit = (visits.get(real) ?? 0) + 1;
  if (context.above.has(real) || visit > MAX_VISITS) {
    reject(folder, visit > MAX_VISITS ? 'folder linked too often' : 'link to a folder above');
    return;
  }
  visits.set(real, visit);
  const above = new Set([...context.above, real]);
  for (const entry of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (LITTER.test(entry.name)) continue;
    const path = join(folder, entry.name);
    const kind = await kindOf(path, entry);
    if (typeof kind === 'string') reject(path, kind);
    else if (kind.isDirectory()) await walk(path, { ...context, above });
    else if (kind.isFile()) add(path);
    else reject(path, 'not an image file');
  }
}

/** Returns what an entry is, links followed; or why it is nothing. */
async function kindOf(
  path: string,
  entry: Dirent,
): Promise<Pick<Dirent, 'isDirectory' | 'isFile'> | string> {
  if (entry.name.includes('\ufffd')) {
    // Bytes that are no UTF-8 were replaced, and the path that is left leads to nothing.
    try {
      await lstat(path);
    } catch {
      return 'name is not UTF-8';
    }
  }
  if (!entry.isSymbolicLink()) return entry;
  try {
    return await stat(path);
  } catch {
    return 'link that leads nowhere';
  }
}

/** Returns the folder of each file's name, without the file. */
export function foldersOf({ name }: ImageFile): readonly string[] {
  const folder = dirname(name);
  return folder === '.' ? [] : folder.split('/');
}
