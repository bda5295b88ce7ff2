/** Failures of the system that the user can fix: a path that cannot be made, a full disk, a lack of permission. */

import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { withoutTemporaryNames } from './files.js';

/** Which rule a path breaks, and the way out, by the system's code. */
const RULES: Readonly<Record<string, readonly [rule: string, wayOut: string]>> = {
  ENOTDIR: [
    'a folder is needed on the way there, but a part of the path is a file',
    'Choose another path.',
  ],
  EEXIST: ['a folder is needed here, but a file is in its place', 'Choose another path.'],
  EISDIR: ['a file is needed here, but this is a folder', 'Name a file.'],
  ENOENT: ['does not exist', 'Check the path.'],
  ENOTEMPTY: ['must be empty, but holds files', 'Choose another path.'],
  ENAMETOOLONG: [
    'a name may have 255 bytes and a path 4096 on most systems, but this one is longer',
    'Choose a shorter path.',
  ],
  ELOOP: ['leads through links that lead back to themselves', 'Choose another path.'],
  EACCES: ['permission denied', 'Choose another path, or fix its permissions.'],
  EPERM: ['permission denied', 'Choose another path, or fix its permissions.'],
  EROFS: ['lies on a disk that can only be read', 'Choose another path.'],
  ENOSPC: [
    'needs more space than the disk has left',
    'Free some space and repeat the command; files that were finished are intact.',
  ],
  EDQUOT: [
    'needs more space than your quota leaves',
    'Free some space and repeat the command; files that were finished are intact.',
  ],
  EMFILE: ['too many files are open', 'Raise the limit (`ulimit -n`) and repeat the command.'],
  ENFILE: ['too many files are open', 'Close other programs and repeat the command.'],
  EIO: ['the disk reports a fault', 'Check the disk, or choose another path.'],
};

/** How databases state the system's codes in words. */
const WORDS: readonly (readonly [text: RegExp, code: string])[] = [
  [/No space left on device/i, 'ENOSPC'],
  [/Disk quota exceeded/i, 'EDQUOT'],
  [/Not a directory/i, 'ENOTDIR'],
  [/Is a directory/i, 'EISDIR'],
  [/File name too long/i, 'ENAMETOOLONG'],
  [/Too many levels of symbolic links/i, 'ELOOP'],
  [/Permission denied/i, 'EACCES'],
  [/Operation not permitted/i, 'EPERM'],
  [/Read-only file system/i, 'EROFS'],
  [/Too many open files/i, 'EMFILE'],
  [/Input\/output error/i, 'EIO'],
];

/** Returns the system's code that a message of a database means, such as `ENOSPC`; undefined where it means none. */
export function systemCodeOf(message: string): string | undefined {
  return WORDS.find(([text]) => text.test(message))?.[1];
}

/**
 * Returns what the user can do about a failure of the system, in one line that says which path, which rule and the way
 * out; undefined for any other error, which is a bug and keeps its stack.
 *
 * @param error what was thrown; it has a `code` and mostly a `path`, as Node's own errors do
 * @param path the path where the error names none
 */
export function systemFailureText(error: unknown, path = 'a file'): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') {
    return undefined;
  }
  const rule = RULES[error.code];
  const named = 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  // A program that cannot be started is not a path of the user's; that a file is absent says nothing without its name.
  const isProgram = 'syscall' in error && String(error.syscall).startsWith('spawn');
  if (rule === undefined || isProgram || (error.code === 'ENOENT' && named === undefined)) {
    return undefined;
  }
  const [what, wayOut] = rule;
  // `rename` fails because of its target.
  const target = 'dest' in error && typeof error.dest === 'string' ? error.dest : named;
  const where = withoutTemporaryNames(target ?? path);
  const file = error.code === 'ENOTDIR' ? fileOnTheWay(where) : undefined;
  const known =
    file === undefined
      ? what
      : file === where
        ? 'a folder is needed here, but this is a file'
        : `a folder is needed on the way there, but ${file} is a file`;
  return `${shown(where)}: ${known} (${error.code}). ${wayOut}`;
}

/** Returns the part of a path that is a file where a folder is needed. */
function fileOnTheWay(path: string): string | undefined {
  for (let part = path; part !== dirname(part); part = dirname(part)) {
    try {
      return statSync(part).isDirectory() ? undefined : part;
    } catch {
      // Nothing is there yet: the file is further up.
    }
  }
  return undefined;
}

/** Characters of a path that a message shows: a line stays readable. */
const MOST_SHOWN = 200;

/** Returns a path on one line, shortened in its middle. */
function shown(path: string): string {
  const line = path.replace(/[\n\r]/g, (each) => (each === '\n' ? '\\n' : '\\r'));
  if (line.length <= MOST_SHOWN) return line;
  return `${line.slice(0, MOST_SHOWN / 2)}...${line.slice(-MOST_SHOWN / 2)}`;
}
