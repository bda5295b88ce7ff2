/** What a source's input means: files, folders, and patterns of them. */

import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataError } from '@janus/core';

/** One path or pattern, or several. */
export type ImportInput = string | readonly string[];

/** Returns the input as words for a message. */
export function inputName(input: ImportInput): string {
  return typeof input === 'string' ? input : input.join(', ');
}

/**
 * Returns the files and folders that an input means, each once: a path that exists is itself, even
 * with a star in its name; else `*`, `?`, `[a-z]`, `{a,b}` and `**` (any depth) are matched, sorted,
 * without what begins with a dot.
 *
 * @throws DataError when a path does not exist, or a pattern meets nothing
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
    const matches = (await Promise.all(braceless(pattern).map(matching))).flat().sort();
    if (matches.length === 0) {
      throw new DataError(`${pattern}: no file matches this pattern. Check the path.`, {
        path: pattern,
      });
    }
    for (const match of matches) found.add(match);
  }
  return [...found];
}

/** Returns whether a path holds letters that mean a pattern. */
export function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

/** Returns the folder that all matches of a pattern lie in; for a path, the path itself. */
function fixedPart(pattern: string): string {
  if (existsSync(pattern) || !isPattern(pattern)) return resolve(pattern);
  const pieces = pattern.split('/');
  const first = pieces.findIndex(isPattern);
  return resolve(pieces.slice(0, first).join('/') || (pattern.startsWith('/') ? '/' : '.'));
}

/** Returns the patterns that one with `{a,b}` stands for. */
function braceless(pattern: string): readonly string[] {
  const found = /\{([^{}]*)\}/.exec(pattern);
  if (found === null) return [pattern];
  const [whole, choices = ''] = found;
  const before = pattern.slice(0, found.index);
  const after = pattern.slice(found.index + whole.length);
  return choices.split(',').flatMap((choice) => braceless(`${before}${choice}${after}`));
}

async function matching(pattern: string): Promise<string[]> {
  const rooted = pattern.startsWith('/');
  let bases = [rooted ? '/' : ''];
  const pieces = pattern.split('/').filter((piece) => piece !== '');
  for (const [i, piece] of pieces.entries()) {
    const last = i === pieces.length - 1;
    const next: string[] = [];
    for (const base of bases) {
      if (piece === '**') next.push(...(await foldersBelow(base)));
      else if (!isPattern(piece)) {
        const path = join(base, piece);
        if (existsSync(path)) next.push(path);
      } else {
        const test = expressionOf(piece);
        for (const name of await namesIn(base)) {
          if (!test.test(name)) continue;
          if (last || (await isFolder(join(base, name)))) next.push(join(base, name));
        }
      }
    }
    bases = [...new Set(next)];
  }
  return bases;
}

function expressionOf(piece: string): RegExp {
  const source = piece.replaceAll(/\*+|\?|\[!?[^\]]+\]|[.+^${}()|[\]\\]/g, (found) => {
    if (found.startsWith('*')) return '.*';
    if (found === '?') return '.';
    if (found.length > 2)
      return `[${found.slice(1, -1).replace(/^!/, '^').replaceAll('\\', '\\\\')}]`;
    return `\\${found}`;
  });
  return new RegExp(`^${source}$`, 'su');
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder === '' ? '.' : folder);
    return names.filter((name) => !name.startsWith('.')).sort();
  } catch {
    return [];
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Returns a folder and all below it, links not followed. */
async function foldersBelow(folder: string): Promise<string[]> {
  const found = [folder];
  try {
    const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true });
    for (const entry of entries) {
      if (entry.isDirectory() && !entry.name.startsWith('.')) {
        found.push(...(await foldersBelow(join(folder, entry.name))));
      }
    }
  } catch {
    // A folder that cannot be listed holds no match.
  }
  return found;
}
