import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findImages } from './find-images.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-find-'));
  await mkdir(join(root, 'faces', 'more'), { recursive: true });
  await mkdir(join(root, 'empty'));
  for (const name of ['b.jpg', 'a.png', 'notes.txt', 'more/c.jpg', '.hidden.jpg']) {
    await writeFile(join(root, 'faces', name), 'image');
  }
  await writeFile(join(root, 'scan'), 'image');
  await symlink('nowhere', join(root, 'faces', 'more', 'dead.jpg'));
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

const found = async (...given: readonly string[]): Promise<readonly (readonly string[])[]> =>
  (await findImages(given.map((each) => join(root, each)))).images.map(({ file, name }) => [
    relative(root, file),
    name,
  ]);

it('takes a folder with its subfolders, a file of any name, and each file once', async () => {
  expect(await found('scan', 'faces', 'faces/b.jpg')).toEqual([
    ['scan', 'scan'],
    ['faces/a.png', 'a.png'],
    ['faces/b.jpg', 'b.jpg'],
    ['faces/more/c.jpg', 'more/c.jpg'],
  ]);
});

it('takes patterns, whose other files are passed over', async () => {
  expect(await found('faces/*.jpg')).toEqual([['faces/b.jpg', 'b.jpg']]);
  expect(await found('faces/**/?.{jpg,png}')).toEqual([
    ['faces/a.png', 'a.png'],
    ['faces/b.jpg', 'b.jpg'],
    ['faces/more/c.jpg', 'more/c.jpg'],
  ]);
  expect(await found('fac*')).toHaveLength(3);
});

it('lists what names no image, and finds the rest', async () => {
  const given = ['absent.jpg', 'empty', 'faces', 'x*.jpg'].map((each) => join(root, each));
  const { images, unreadable } = await findImages(given);
  expect(images).toHaveLength(3);
  expect(unreadable.map(({ file }) => relative(root, file))).toEqual([
    ...['absent.jpg', 'empty', 'faces/more/dead.jpg', 'x*.jpg'],
  ]);
  expect(unreadable.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/absent\.jpg: does not exist/),
    expect.stringMatching(/empty: must hold images/),
    expect.stringMatching(/dead\.jpg: link that leads nowhere/),
    expect.stringMatching(/x\*\.jpg: no file matches/),
  ]);
});

it('gives paths as they were typed', async () => {
  const typed = relative('', join(root, 'faces'));
  const { images } = await findImages([typed, `${typed}/more/*.jpg`]);
  expect(images.map(({ file }) => file)).toEqual([
    ...['a.png', 'b.jpg', 'more/c.jpg'].map((name) => join(typed, name)),
  ]);
});
