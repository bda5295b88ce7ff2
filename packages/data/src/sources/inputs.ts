/** The input of a source: files, folders, and patterns. */

import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
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
 * without names that begin with a dot.
 *
 * @throws DataError when a path does not exist, or a pattern matches nothing
 */
export async function expandInput(input: ImportInput): Promise<readonly string[]> {
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
    const matches = await glob(pattern, {
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

/** Returns a path itself, or of a pattern the folder that all matches are in. */
export function fixedPart(pattern: string): string {
  if (existsSync(pattern) || !isPattern(pattern)) return resolve(pattern);
  const pieces = pattern.split('/');
  const fixed = pieces.slice(0, pieces.findIndex(isPattern)).join('/');
  return resolve(fixed || (pattern.startsWith('/') ? '/' : '.'));
}

/** Returns the innermost folder that all paths are in. */
export function commonFolder(paths: readonly string[]): string {
  let [common = '/'] = paths;
  for (const path of paths) {
    while (path !== common && !path.startsWith(join(common, '/'))) common = dirname(common);
  }
  return common;
}
