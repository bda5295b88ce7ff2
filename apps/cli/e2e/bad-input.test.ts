import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { janus } from './janus.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-bad-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** One line on standard error that begins with the program's name, exit 1, nothing else. */
async function expectOneLine(args: readonly string[], pattern: RegExp): Promise<void> {
  const { status, out, err } = await janus(args, folder);
  const lines = err.split('\n').filter((line) => line.startsWith('janus: '));
  expect(lines, err).toHaveLength(1);
  expect(lines[0]).toMatch(pattern);
  expect(err).not.toContain('    at ');
  expect(out).toBe('');
  expect(status).toBe(1);
}

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
      /empty.*(picture|image|class)/i,
    );
  });

  it('a CSV without the column', async () => {
    await writeFile(join(folder, 'x.csv'), 'picture,gender\na.jpg,female\n');
    await expectOneLine(
      ['data', 'import', 'csv', 'x.csv', '--out', 'c'],
      /column.*picture, gender|picture.*gender/i,
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

  it('a target that is no column lists those that are', async () => {
    await expectOneLine(
      ['train', 'classifier', '--data', 'one', '--target', 'gendr'],
      /presentation.*but got gendr/,
    );
  });

  it('a folder that is no data set', async () => {
    await expectOneLine(['data', 'clean', 'empty'], /empty.*manifest/i);
  });

  it('a folder that is no run', async () => {
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
