import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, resolve, win32 } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { commonFolder, expandInput, fixedPart } from './inputs.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-inputs-'));
  await mkdir(join(root, 'photos', 'more'), { recursive: true });
  for (const name of ['a.jpg', 'b.jpg', 'notes.txt', 'more/c.jpg', 'more/[d].jpg']) {
    await writeFile(join(root, 'photos', name), 'image');
  }
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

it.each([
  ['photos\\*.jpg', ['photos/a.jpg', 'photos/b.jpg']],
  ['photos\\**\\?.jpg', ['photos/a.jpg', 'photos/b.jpg', 'photos/more/c.jpg']],
  ['photos/more\\{c,x}.*', ['photos/more/c.jpg']],
])('a pattern of Windows may have backslashes between its folders: %s', async (pattern, names) => {
  const found = await expandInput(`${root}/${pattern}`, win32);
  expect(found.map((each) => resolve(each))).toEqual(names.map((name) => join(root, name)));
});

it.skipIf(process.platform === 'win32')(
  'elsewhere a backslash takes the next character as it is (not on Windows)',
  async () => {
    const found = await expandInput(`${root}/photos/more/\\[?\\].jpg`);
    expect(found.map((each) => resolve(each))).toEqual([join(root, 'photos/more/[d].jpg')]);
    await expect(expandInput(`${root}/photos\\*.jpg`)).rejects.toThrow(/no file matches/);
  },
);

it.each([
  [posix, '/photos/a*/b.jpg', '/photos'],
  [posix, '/*.jpg', '/'],
  [posix, '/photos/[ab]/{c,d}.jpg', '/photos'],
  [win32, 'C:\\photos\\a*\\b.jpg', 'C:\\photos'],
  [win32, 'C:\\photos/*.jpg', 'C:\\photos'],
  [win32, 'C:\\*.jpg', 'C:\\'],
  [win32, '\\\\server\\share\\photos\\?.jpg', '\\\\server\\share\\photos'],
])(
  'the fixed part of a pattern ends before its first piece that varies',
  (path, pattern, fixed) => {
    expect(fixedPart(pattern, path)).toBe(fixed);
  },
);

it('the fixed part of a pattern without folders is the working folder', () => {
  expect(fixedPart('*.jpg')).toBe(process.cwd());
});

it.each([
  [posix, ['/a/b/c', '/a/b/d', '/a/bc'], '/a'],
  [posix, ['/a', '/b'], '/'],
  [win32, ['C:\\a\\b', 'C:\\a\\c'], 'C:\\a'],
  [win32, ['C:\\a', 'C:\\b'], 'C:\\'],
  [win32, ['C:\\a', 'D:\\b'], 'C:\\'],
])(
  'the common folder of paths is the innermost one, of several drives the first',
  (path, paths, common) => {
    expect(commonFolder(paths, path)).toBe(common);
  },
);
