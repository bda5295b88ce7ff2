import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { janus } from './janus.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-bad-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Expects one line on standard error that starts with the program's name, exit 1, and no result. */
async function expectOneLine(args: readonly string[], pattern: RegExp): Promise<void> {
  const { status, out, err } = await janus(args, folder);
  const lines = err.split('\n').filter((line) => line.startsWith('janus: '));
  expect(lines, err).toHaveLength(1);
  expect(lines[0]).toMatch(pattern);
  expect(err).not.toContain('    at ');
  // What will be trained, and on what engine, is printed before a file is opened; no result follows.
  expect(out.replace(/^(Training on|Engine:|Precision:) .*\n/gm, '')).toBe('');
  expect(status).toBe(1);
}

/** A training of a small head, on the faces of an earlier test. */
const TRAIN = [
  ...['train', 'classifier', '--data', 'one', '--target', 'presentation', '--size', '32'],
  ...['--epochs', '1', '--head', '1x8'],
];

/** Mounts a disk of `kilobytes` at `path`; false where mounting is not allowed. */
function mountDisk(path: string, kilobytes: number): boolean {
  const args = ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', path];
  return spawnSync('mount', args).status === 0;
}

const OTHER = resolve(
  process.env['JANUS_REAL_DATA'] ?? '../shared/data',
  'weights/squeezenet_v1.1_notop.h5',
);
const noReal = existsSync(OTHER) ? '' : ' (skipped: no real data, see JANUS_REAL_DATA)';

describe('one line, exit 1', () => {
  it('no such folder', async () => {
    await expectOneLine(
      ['data', 'import', 'folder', 'absent', '--out', 'a'],
      /absent.*(no such|does not exist|not exist|exist)/i,
    );
    expect(await readdir(folder)).not.toContain('a');
  });

  it('an empty folder', async () => {
    await mkdir(join(folder, 'empty'));
    await expectOneLine(
      ['data', 'import', 'folder', 'empty', '--out', 'b'],
      /empty.*(image|class)/i,
    );
  });

  it('a CSV without the column', async () => {
    await writeFile(join(folder, 'x.csv'), 'portrait,gender\na.jpg,female\n');
    await expectOneLine(
      ['data', 'import', 'csv', 'x.csv', '--out', 'c'],
      /needs a column image.*portrait, gender/i,
    );
  });

  it('a target with one class', async () => {
    await janus(['data', 'import', 'synthetic', '12', '--size', '32', '--out', 'one'], folder);
    await writeFile(join(folder, 'one.csv'), 'image,kind\n');
    const { status } = await janus(['data', 'clean', 'one'], folder);
    expect(status).toBe(0);
    await expectOneLine(
      ['train', 'classifier', '--data', 'one', '--target', 'planted'],
      /planted.*class/i,
    );
  });

  it('an unknown target lists the columns', async () => {
    await expectOneLine(
      ['train', 'classifier', '--data', 'one', '--target', 'gendr'],
      /presentation.*but got gendr/,
    );
  });

  it.skipIf(noReal !== '')(`an .h5 of another network${noReal}`, async () => {
    await janus(['data', 'split', 'one', '--stratify', 'presentation'], folder);
    await expectOneLine(
      [...TRAIN, '--backbone', 'vgg16', '--weights', OTHER, '--run', 'other'],
      /squeezenet.*block1_conv1\/kernel.*missing/,
    );
  });

  it('a checkpoint of another architecture', async () => {
    const small = [...TRAIN, '--backbone', 'small-vgg', '--epochs', '2'];
    await janus(['data', 'split', 'one', '--stratify', 'presentation'], folder);
    for (const [head, run] of [
      ['1x8', 'eight'],
      ['1x12', 'twelve'],
    ] as const) {
      const { status, err } = await janus([...small, '--head', head, '--run', run], folder);
      expect(status, err).toBe(0);
    }
    await rm(join(folder, 'eight/checkpoints'), { recursive: true });
    await cp(join(folder, 'twelve/checkpoints'), join(folder, 'eight/checkpoints'), {
      recursive: true,
    });
    await expectOneLine(
      [...small, '--head', '1x8', '--run', 'eight', '--resume'],
      /checkpoints.*must be of .*1x8.*but got .*1x12/,
    );
  });

  it('a truncated JPEG given to predict', async () => {
    await cp(join(folder, 'one/images/face-00000.jpg'), join(folder, 'cut.jpg'));
    await truncate(join(folder, 'cut.jpg'), 700);
    await expectOneLine(['predict', 'twelve', 'cut.jpg'], /cut\.jpg: must be a complete image/);
  });

  it('a full disk leaves nothing half-written', async ({ skip }) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    if (!mountDisk(disk, 200)) skip('a small disk can only be mounted by root');
    try {
      await expectOneLine(
        ['data', 'import', 'synthetic', '200', '--out', join(disk, 'faces')],
        /disk\/faces: needs more space than the disk has left/,
      );
      expect(await readdir(disk)).toEqual([]);
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  it('a folder that is not a data set', async () => {
    await expectOneLine(['data', 'clean', 'empty'], /empty.*manifest/i);
  });

  it('a folder that is not a run', async () => {
    await expectOneLine(['evaluate', 'empty'], /empty.*run\.json/);
  });
});

describe('usage, exit 2', () => {
  for (const args of [
    ['train', 'classifier', '--data', 'x', '--target', 'y', '--epoch', '3'],
    ['data', 'import', 'nowhere', 'x', '--out', 'y'],
    ['evaluat'],
    ['train', 'classifier', '--data', 'x', '--target', 'y', '--dropout', '2'],
  ]) {
    it(`janus ${args.join(' ')}`, async () => {
      const { status, err } = await janus(args, folder);
      expect(err).toMatch(/^error: /m);
      expect(status).toBe(2);
    });
  }
});
