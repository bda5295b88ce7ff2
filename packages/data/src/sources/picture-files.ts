/** Pictures that lie in folders, for sources whose labels are in their places or names. */

import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { DataError } from '@janus/core';
import type { Reject } from '../manifest/manifest.js';
import { commonFolder, expandInput, fixedPart, inputName, type ImportInput } from './inputs.js';

/** The endings of files that are taken for pictures. */
const IMAGE_ENDING = /\.(jpe?g|png|webp|gif|tiff?|bmp|avif)$/i;

/** What tools leave behind: nobody means these. */
const LITTER = /^(\..*|Thumbs\.db|desktop\.ini|__MACOSX)$/i;

/** A picture. */
export interface PictureFile {
  readonly path: string;
  /** Relative to the folder that all lie in. */
  readonly name: string;
}

/** What was found. */
export interface PictureFiles {
  /** The folder that all lie in: the only folder, or what is fixed of a pattern. */
  readonly root: string;
  /** Sorted by name. */
  readonly files: readonly PictureFile[];
  /** What is no picture, and links that lead nowhere. */
  readonly rejects: readonly Reject[];
}

/**
 * Returns all pictures of folders, their subfolders, files or patterns, each once. Links are followed,
 * but to a folder only where it is not one that the way leads through already. Hidden files are left
 * out.
 *
 * @throws DataError when a path does not exist, or there is no picture
 */
export async function pictureFiles(input: ImportInput): Promise<PictureFiles> {
  const given = await expandInput(input);
  const patterns = typeof input === 'string' ? [input] : input;
  const root =
    patterns.length === 1 ? fixedPart(patterns[0] ?? '.') : commonFolder(patterns.map(fixedPart));
  const found = new Map<string, PictureFile>();
  const rejects: Reject[] = [];
  const add = (path: string): void => {
    const name = relative(root, path);
    if (IMAGE_ENDING.test(path)) found.set(path, { path, name });
    else rejects.push({ row: 0, path: name, reason: 'not a picture file' });
  };
  for (const each of given) {
    const path = resolve(each);
    if ((await stat(path)).isDirectory())
      await walk(path, { add, root, rejects, above: new Set() });
    else add(path);
  }
  if (found.size === 0) {
    throw new DataError(
      `${inputName(input)}: the folder is empty of pictures (jpg, png, webp, ...). Name the folder that holds them.`,
      { path: root },
    );
  }
  const files = [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { root, files, rejects };
}

async function walk(
  folder: string,
  context: {
    readonly add: (path: string) => void;
    readonly root: string;
    readonly rejects: Reject[];
    /** Real paths of the folders that the way leads through. */
    readonly above: ReadonlySet<string>;
  },
): Promise<void> {
  const { add, root, rejects } = context;
  const real = await realpath(folder);
  const reject = (path: string, reason: string): void => {
    rejects.push({ row: 0, path: relative(root, path), reason });
  };
  if (context.above.has(real)) {
    reject(folder, 'link to a folder above');
    return;
  }
  const above = new Set([...context.above, real]);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (LITTER.test(entry.name)) continue;
    const path = join(folder, entry.name);
    let kind: { isDirectory(): boolean; isFile(): boolean } = entry;
    if (entry.isSymbolicLink()) {
      try {
        kind = await stat(path);
      } catch {
        reject(path, 'link that leads nowhere');
        continue;
      }
    }
    if (kind.isDirectory()) await walk(path, { ...context, above });
    else if (kind.isFile()) add(path);
    else reject(path, 'not a picture file');
  }
}

/** Returns the folder of each file's name, without the file. */
export function foldersOf({ name }: PictureFile): readonly string[] {
  const folder = dirname(name);
  return folder === '.' ? [] : folder.split('/');
}
