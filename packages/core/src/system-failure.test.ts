import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomic } from './files.js';
import { systemCodeOf, systemFailureText } from './system-failure.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-failure-'));
  await writeFile(join(folder, 'notes.txt'), 'a file');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Returns the line of what a promise rejects with. */
async function lineOf(failing: Promise<unknown>): Promise<string | undefined> {
  try {
    await failing;
  } catch (error) {
    return systemFailureText(error)?.replaceAll(folder, '<folder>');
  }
  throw new Error('nothing failed');
}

it('a path below a file names that file, however deep the path is', async () => {
  expect(await lineOf(writeFileAtomic(join(folder, 'notes.txt', 'x', 'y', 'z.json'), ''))).toBe(
    '<folder>/notes.txt/x/y: a folder is needed on the way there, but <folder>/notes.txt is a file (ENOTDIR). Choose another path.',
  );
  expect(await lineOf(readdir(join(folder, 'notes.txt')))).toBe(
    '<folder>/notes.txt: a folder is needed here, but this is a file (ENOTDIR). Choose another path.',
  );
  expect(await lineOf(readFile(join(folder, 'notes.txt', 'x')))).toMatch(
    /notes\.txt is a file \(ENOTDIR\)\. Choose another path\.$/,
  );
});

it('every kind of path that cannot be used is one line with its code', async () => {
  await symlink('loop', join(folder, 'loop'));
  expect(await lineOf(mkdir(join(folder, 'loop', 'x'), { recursive: true }))).toMatch(
    /E(LOOP|NOENT|NOTDIR)/,
  );
  expect(await lineOf(readFile(join(folder, 'loop')))).toBe(
    '<folder>/loop: leads through links that lead back to themselves (ELOOP). Choose another path.',
  );
  expect(await lineOf(mkdir(join(folder, 'notes.txt')))).toBe(
    '<folder>/notes.txt: a folder is needed here, but a file is in its place (EEXIST). Choose another path.',
  );
  expect(await lineOf(readFile(join(folder, 'absent')))).toBe(
    '<folder>/absent: does not exist (ENOENT). Check the path.',
  );
  const long = await lineOf(writeFileAtomic(join(folder, 'n'.repeat(300), 'x'), ''));
  expect(long).toMatch(/^.*n\.\.\.n.* \(ENAMETOOLONG\)\. Choose a shorter path\.$/);
  await mkdir(join(folder, 'taken', 'inside'), { recursive: true });
  expect(await lineOf(writeFileAtomic(join(folder, 'taken'), ''))).toBe(
    '<folder>/taken: a file is needed here, but this is a folder (EISDIR). Name a file.',
  );
});

it('what this process may do anyway is told by its code alone', () => {
  const failure = (code: string): string | undefined =>
    systemFailureText(Object.assign(new Error(code), { code, path: '/data/out', syscall: 'open' }));
  expect(failure('EACCES')).toBe(
    '/data/out: permission denied (EACCES). Choose another path, or fix its permissions.',
  );
  expect(failure('EROFS')).toBe(
    '/data/out: lies on a disk that can only be read (EROFS). Choose another path.',
  );
  expect(failure('ENOSPC')).toMatch(
    /^\/data\/out: needs more space than the disk has left \(ENOSPC\)\. Free /,
  );
});

it('a bug, a program that is absent and a file without a name keep their stack', () => {
  expect(systemFailureText(new TypeError('x is not a function'))).toBeUndefined();
  expect(systemFailureText('text')).toBeUndefined();
  const failure = (details: object): string | undefined =>
    systemFailureText(Object.assign(new Error(), details));
  expect(failure({ code: 'ENOENT', path: 'python3', syscall: 'spawn python3' })).toBeUndefined();
  expect(failure({ code: 'ENOENT' })).toBeUndefined();
  expect(failure({ code: 'ERR_INVALID_ARG_TYPE', path: '/x' })).toBeUndefined();
  expect(failure({ code: 'ENOSPC' })).toMatch(/^a file: needs more space/);
});

it('systemCodeOf reads the words of a database', () => {
  expect(systemCodeOf('IO Error: Cannot open file "a/b": Not a directory')).toBe('ENOTDIR');
  expect(systemCodeOf('IO Error: Could not write: No space left on device')).toBe('ENOSPC');
  expect(systemCodeOf('Binder Error: column x')).toBeUndefined();
});
