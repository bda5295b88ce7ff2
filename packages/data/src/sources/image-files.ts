/** Images in folders, for sources whose labels are folders or file names. */

import type { Dirent } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { DataError, relativeName } from '@janus/core';
import { hasImageEnding } from '../manifest/image-ending.js';
import type { Reject } from '../manifest/manifest.js';
import { commonFolder, expandInput, fixedPart, inputName, type ImportInput } from './inputs.js';

/** Why a file with another ending is rejected. */
export const NO_IMAGE = 'not an image file';

/** Files that tools leave behind, which are ignored. */
const LITTER = /^(\..*|Thumbs\.db|desktop\.ini|__MACOSX)$/i;

/**
 * Times that a folder is entered at most through links: links to folders with links would multiply without
 * end.
 */
const MAX_VISITS = 8;

/** An image file. */
interface ImageFile {
  readonly path: string;
  /** Path relative to {@link ImageFiles.root}, with `/` on every system. */
  readonly name: string;
}

/** What {@link imageFiles} found. */
interface ImageFiles {
  /**
   * The folder that all images are in: the only input folder, the fixed part of a pattern, or the common
   * folder.
   */
  readonly root: string;
  /** Sorted by name. */
  readonly files: readonly ImageFile[];
  /** Other files, and links and folders that cannot be read. */
  readonly rejects: readonly Reject[];
}

/**
 * Returns all images in folders and their subfolders, of files or of patterns, each once. Links are followed, even out
 * of the folder, except to a folder above; a folder is entered eight times at most. Hidden files are left out.
 *
 * @throws DataError when a path does not exist, or there are no images
 */
export async function imageFiles(input: ImportInput): Promise<ImageFiles> {
  const given = await expandInput(input);
  const patterns = typeof input === 'string' ? [input] : input;
  const root =
    patterns.length === 1
      ? fixedPart(patterns[0] ?? '.')
      : commonFolder(patterns.map((each) => fixedPart(each)));
  const found = new Map<string, ImageFile>();
  const rejects = new Map<string, Reject>();
  const reject = (path: string, reason: string): void => {
    rejects.set(path, { row: 0, path: relativeName(root, path), reason });
  };
  const add = (path: string): void => {
    if (hasImageEnding(path)) found.set(path, { path, name: relativeName(root, path) });
    else reject(path, NO_IMAGE);
  };
  const context = { add, reject, above: new Set<string>() };
  for (const each of given) {
    const path = resolve(each);
    // A pattern may match a folder and its content, so visits count for each match.
    if ((await stat(path)).isDirectory()) await walk(path, { ...context, visits: new Map() });
    else add(path);
  }
  if (found.size === 0) {
    throw new DataError(
      `${inputName(input)}: must hold images (jpg, png, webp, ...), but there are none. Name the folder that holds them.`,
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
    /** Real paths of the folders above. */
    readonly above: ReadonlySet<string>;
    /** Number of visits of each folder, by its real path. */
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
    else reject(path, NO_IMAGE);
  }
}

/** Returns what an entry is, with links followed, or why it cannot be read. */
async function kindOf(
  path: string,
  entry: Dirent,
): Promise<Pick<Dirent, 'isDirectory' | 'isFile'> | string> {
  if (entry.name.includes('\ufffd')) {
    // Bytes that are not UTF-8 were replaced, and the resulting path does not exist.
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

/** Returns the folders in an image's name, from the outermost one. */
export function foldersOf({ name }: ImageFile): readonly string[] {
  const folder = posix.dirname(name);
  return folder === '.' ? [] : folder.split('/');
}
