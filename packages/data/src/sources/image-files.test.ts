import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readManifest } from '../manifest/manifest.js';
import { importFolder } from './import-folder.js';
import { imageFiles } from './image-files.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-images-'));
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Makes a folder of files; a name may be bytes. */
async function folderOf(name: string, files: readonly string[]): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  for (const file of files) {
    await mkdir(join(folder, file, '..'), { recursive: true });
    await writeFile(join(folder, file), 'image');
  }
  return folder;
}

const HOSTILE = [
  'new\nline.jpg',
  'tab\tand \u0007 bell.jpg',
  '--force.jpg',
  "'; DROP TABLE t; --.jpg",
  '%2e%2e%2f.jpg',
  '*?[a]{b}.jpg',
  'Ж漢字🙂.jpg',
  ' .jpg',
  '\u202egpj.exe.jpg',
  `${'x'.repeat(251)}.jpg`,
];

const isRoot = process.getuid?.() === 0;

describe('imageFiles', () => {
  it('takes names as they are, whatever is in them, and they come back from the manifest', async () => {
    const folder = await folderOf(
      'hostile',
      HOSTILE.map((name) => `a\n"b'/${name}`),
    );
    const out = join(root, 'hostile-out');
    await importFolder(folder, { out });
    const rows = await readManifest(out);
    expect(new Set(rows.map(({ id, path }) => [id, path].join('|')))).toEqual(
      new Set(HOSTILE.map((name) => `a\n"b'/${name}|${join(folder, 'a\n"b\'', name)}`)),
    );
    expect(new Set(rows.map(({ labels }) => labels['class']))).toEqual(new Set(['a\n"b\'']));
  });

  it('rejects names that are not UTF-8, of files and of folders, since no path leads to them', async () => {
    const folder = await folderOf('bytes', ['a/1.jpg', 'a/kept \ufffd.jpg']);
    const bytes = (end: string): Buffer =>
      Buffer.concat([Buffer.from(`${folder}/a/`), Buffer.from([0xe9, 0xff]), Buffer.from(end)]);
    await writeFile(bytes('.jpg'), 'image');
    await mkdir(bytes('folder'));
    const { files, rejects } = await imageFiles(folder);
    expect(files.map(({ name }) => name)).toEqual(['a/1.jpg', 'a/kept \ufffd.jpg']);
    expect(rejects.map(({ reason }) => reason)).toEqual(['name is not UTF-8', 'name is not UTF-8']);
  });

  it('follows links out of the folder, and ends where links among links would multiply', async () => {
    const outside = await folderOf('outside', ['x.jpg']);
    const folder = await folderOf('links', ['level0/a/1.jpg']);
    await symlink(outside, join(folder, 'beyond'));
    for (let level = 1; level <= 6; level++) {
      await mkdir(join(folder, `level${level}`));
      for (const name of ['a', 'b', 'c', 'd']) {
        await symlink(`../level${level - 1}`, join(folder, `level${level}`, name));
      }
    }
    const { files, rejects } = await imageFiles(folder);
    expect(files.map(({ name }) => name)).toContain('beyond/x.jpg');
    // Without an end the one image would be found 1 + 4 + 16 + ... + 4,096 times.
    expect(files.length).toBe(8 + 1);
    expect(new Set(rejects.map(({ reason }) => reason))).toEqual(
      new Set(['folder linked too often']),
    );
  });

  it('rejects what is not a file, and a link to itself, once although a pattern matches them twice', async () => {
    const folder = await folderOf('odd', ['a/1.jpg', 'a/README.md']);
    execFileSync('mkfifo', [join(folder, 'a/pipe.jpg')]);
    await symlink('self.jpg', join(folder, 'a/self.jpg'));
    const expected = [
      ['a/README.md', 'not an image file'],
      ['a/pipe.jpg', 'not an image file'],
      ['a/self.jpg', 'link that leads nowhere'],
    ];
    const { files, rejects } = await imageFiles(folder);
    expect(rejects.map(({ path, reason }) => [path, reason])).toEqual(expected);
    const again = await imageFiles([folder, join(folder, 'a')]);
    expect(again.files).toEqual(files);
    expect(again.rejects).toEqual(rejects);
  });

  it.skipIf(isRoot)(
    `rejects a folder that cannot be read${isRoot ? ' (skipped: root reads every folder)' : ''}`,
    async () => {
      const folder = await folderOf('closed', ['a/1.jpg', 'b/2.jpg']);
      await chmod(join(folder, 'b'), 0);
      try {
        const { rejects } = await imageFiles(folder);
        expect(rejects).toEqual([{ row: 0, path: 'b', reason: 'folder that cannot be read' }]);
      } finally {
        await chmod(join(folder, 'b'), 0o700);
      }
    },
  );
});
