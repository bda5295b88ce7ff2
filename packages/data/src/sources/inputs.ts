/** The input of a source: files, folders, and patterns. */

import { existsSync } from 'node:fs';
import native, { type PlatformPath } from 'node:path';
import { DataError } from '@janus/core';
import { glob } from 'tinyglobby';

/** One or more paths or patterns. */
export type ImportInput = string | readonly string[];

/** Returns an input as text for a message. */
export function inputName(input: ImportInput): string {
  return typeof input === 'string' ? input : input.join(', ');
}

/**
 * Returns the files and folders that an input names, each once. A path that exists stands for itself, even with a star
 * in its name; otherwise `*`, `?`, `[a-z]`, `{a,b}` and `**` (any depth, without following links) are matched, sorted,
 * without names that begin with a dot. Folders of a pattern are separated by `/`, on Windows by `\` too; elsewhere `\` takes the
 * next character as it is.
 *
 * @param path the system's rules; default those of this one
 * @throws DataError when a path does not exist, or a pattern matches nothing
 */
export async function expandInput(
  input: ImportInput,
  path: Pick<PlatformPath, 'sep'> = native,
): Promise<readonly string[]> {
  const found = new Set<string>();
  const patterns = typeof input === 'string' ? [input] : input;
  if (patterns.length === 0) {
    throw new DataError('import: needs an input, but got none. Name a file or folder.');
  }
  for (const pattern of patterns) {
    if (existsSync(pattern)) {
      found.add(pattern);
      continue;
    }
    if (!isPattern(pattern)) {
      throw new DataError(`${pattern}: does not exist. Check the path.`, { path: pattern });
    }
    const matches = await glob(slashed(pattern, path), {
      onlyFiles: false,
      expandDirectories: false,
      followSymbolicLinks: false,
    });
    if (matches.length === 0) {
      throw new DataError(`${pattern}: no file matches this pattern. Check the path.`, {
        path: pattern,
      });
    }
    for (const match of matches.sort()) found.add(match.replace(/(?<=.)\/$/, ''));
  }
  return [...found];
}

/** Returns whether a path has characters of a pattern. */
function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** Returns a pattern with `/` between its folders. */
function slashed(pattern: string, { sep }: Pick<PlatformPath, 'sep'>): string {
  return pattern.split(sep).join('/');
}

/**
 * Returns a path itself, or of a pattern the folder that all matches are in.
 *
 * @param path the system's rules; default those of this one
 */
export function fixedPart(
  pattern: string,
  path: Pick<PlatformPath, 'resolve' | 'sep'> = native,
): string {
  if (existsSync(pattern) || !isPattern(pattern)) return path.resolve(pattern);
  // Up to the last `/` before the first character of a pattern, with it: `/` and `C:/` are folders, `C:` is not.
  const [before = ''] = slashed(pattern, path).split(/[*?[{]/);
  return path.resolve(before.slice(0, before.lastIndexOf('/') + 1));
}

/**
 * Returns the innermost folder that all paths are in; of paths on several drives of Windows, the first one's drive.
 *
 * @param path the system's rules; default those of this one
 */
export function commonFolder(
  paths: readonly string[],
  path: Pick<PlatformPath, 'dirname' | 'join'> = native,
): string {
  let [common = '/'] = paths;
  for (const each of paths) {
    while (each !== common && !each.startsWith(path.join(common, '/'))) {
      const above = path.dirname(common);
      if (above === common) break;
      common = above;
    }
  }
  return common;
}
