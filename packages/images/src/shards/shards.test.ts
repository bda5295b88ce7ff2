import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readShards, splitName } from './read-shards.js';
import { createTar, readTar, type TarFile } from './tar.js';

let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-tar-'));
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

/** Writes an archive; returns its path. */
async function tarOf(name: string, files: readonly TarFile[]): Promise<string> {
  const path = join(root, name);
  const tar = createTar(path);
  for (const file of files) await tar.add(file);
  await tar.close();
  return path;
}

const FILES: readonly TarFile[] = [
  ['a.txt', 'x'],
  ['empty', ''],
  ['block', 'y'.repeat(512)],
  ['more', 'z'.repeat(513)],
  [`${'long/'.repeat(40)}name.jpg`, 'long'],
  [`${'q'.repeat(140)}.jpg`, 'long without a folder'],
  ['ünïcode/漢字.png', 'text'],
  // Their records are 99 and 101 bytes, but for the digits that count them.
  [`${'q'.repeat(88)}ü`, 'digits'],
  [`${'q'.repeat(90)}ü`, 'digits'],
  ['large', 'abc'.repeat(500_000)],
].map(([name = '', body = '']) => ({ name, bytes: Buffer.from(body) }));

describe('createTar', () => {
  it('writes what readTar reads, in blocks of 512 bytes', async () => {
    const path = await tarOf('own.tar', FILES);
    expect((await readFile(path)).length % 512).toBe(0);
    const found = await all(readTar(path));
    expect(found.map(({ name }) => name)).toEqual(FILES.map(({ name }) => name));
    expect(found.map((each) => text(each.bytes))).toEqual(FILES.map((each) => text(each.bytes)));
  });

  it('writes the same bytes for the same files, with no time or owner in them', async () => {
    const path = await tarOf('first.tar', FILES);
    const first = await readFile(path);
    expect((await readFile(await tarOf('second.tar', FILES))).equals(first)).toBe(true);
    // Mode, owner, group, size and time of the first file, as octal digits.
    expect(
      first
        .subarray(100, 148)
        .toString()
        .split(/[ \0]+/),
    ).toEqual([...['000644', '000000', '000000', '00000000001', '00000000000'], '']);
  });

  it('gives the archive its name when it is complete, and leaves nothing when discarded', async () => {
    const path = join(root, 'names', 'part.tar');
    await mkdir(dirname(path));
    const tar = createTar(path);
    await tar.add({ name: 'a', bytes: Buffer.from('a') });
    expect(existsSync(path)).toBe(false);
    await tar.discard();
    expect(await readdir(dirname(path))).toEqual([]);
    const other = createTar(path);
    await other.close();
    await other.discard();
    expect(await readdir(dirname(path))).toEqual(['part.tar']);
    expect(await all(readTar(path))).toEqual([]);
  });

  it('says why it cannot write', async () => {
    const tar = createTar(join(root, 'absent', 'a.tar'));
    const file = { name: 'a', bytes: new Uint8Array(1 << 20) };
    const added = (async () => {
      for (let i = 0; i < 10; i++) await tar.add(file);
    })();
    await expect(added).rejects.toThrow('ENOENT');
    await tar.discard();
  });
});

const absent = !existsSync('/usr/bin/tar') && !existsSync('/bin/tar');
const why = absent ? ' (skipped: there is no tar)' : '';

it.skipIf(absent)(`tar reads our archives, and we read tar's in every format${why}`, async () => {
  const path = await tarOf('ours.tar', FILES);
  const listed = execFileSync('tar', ['--quoting-style=literal', '-tf', path]).toString();
  expect(listed.trim().split('\n')).toEqual(FILES.map(({ name }) => name));
  const out = join(root, 'extracted');
  await mkdir(join(out, 'folder/inner'), { recursive: true });
  await writeFile(join(out, 'folder/inner/file.txt'), 'in a folder');
  execFileSync('tar', ['-xf', path, '-C', out]);
  for (const { name, bytes } of FILES) {
    expect(text(await readFile(join(out, name)))).toBe(text(bytes));
  }
  for (const format of ['gnu', 'pax', 'ustar', 'v7']) {
    const theirs = join(root, `${format}.tar`);
    // v7 and ustar have no room for long names.
    const some = FILES.filter(
      ({ name }) => format === 'gnu' || format === 'pax' || name.length < 80,
    );
    const names = [...some.map(({ name }) => name), 'folder'];
    execFileSync('tar', ['-cf', theirs, `--format=${format}`, '-C', out, ...names]);
    const found = await all(readTar(theirs));
    expect(found.map(({ name }) => name)).toEqual([
      ...some.map(({ name }) => name),
      'folder/inner/file.txt',
    ]);
    for (const [i, { name, bytes }] of some.entries()) {
      expect(text(found[i]?.bytes), `${format} ${name}`).toBe(text(bytes));
    }
  }
});

describe('readTar', () => {
  it('refuses an archive that is truncated, damaged or not one, and says where', async () => {
    const path = await tarOf('bad.tar', FILES.slice(0, 2));
    const whole = await readFile(path);
    // Within a header, after it, within a file, after the first file, after the last one.
    for (const length of [0, 100, 512, 513, 700, 1024, 1536]) {
      await truncate(path, length);
      await expect(all(readTar(path))).rejects.toMatchObject({
        name: 'DataError',
        path,
        message: `${path}: must be a complete archive, but it ends at byte ${length}. Copy it again, or create it again.`,
      });
      await writeFile(path, whole);
    }
    for (const [at, next] of [
      [3, 0],
      [1024 + 3, 1024],
    ] as const) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 1;
      await writeFile(path, damaged);
      await expect(all(readTar(path))).rejects.toThrow(
        `a header is damaged at or after byte ${next}. Copy it again`,
      );
    }
    await writeFile(path, gzipSync(whole));
    await expect(all(readTar(path))).rejects.toMatchObject({ name: 'DataError', path });
    for (const none of [join(root, 'none.tar'), root]) {
      await expect(all(readTar(none))).rejects.toThrow(
        `${none}: must be an archive, but cannot be read. Check the path.`,
      );
    }
  });

  it('can be left before the end', async () => {
    const path = await tarOf('left.tar', FILES);
    for await (const { name } of readTar(path)) {
      if (name === 'block') break;
    }
    expect(await all(readTar(path))).toHaveLength(FILES.length);
  });
});

describe('readShards', () => {
  it('groups consecutive files by key, archive by archive', async () => {
    const folder = join(root, 'shards');
    await mkdir(folder);
    const file = (name: string): TarFile => ({ name, bytes: Buffer.from(name) });
    await tarOf('shards/b.tar', [file('3.jpg')]);
    await tarOf('shards/a.tar', [file('1.jpg'), file('1.json'), file('README'), file('2.jpg')]);
    const samples = await all(readShards(folder));
    expect(samples.map(({ shard, key, files }) => [shard, key, [...files.keys()]])).toEqual([
      ['a.tar', '1', ['jpg', 'json']],
      ['a.tar', '2', ['jpg']],
      ['b.tar', '3', ['jpg']],
    ]);
    expect(text(samples[0]?.files.get('json'))).toBe('1.json');
    await expect(all(readShards(join(root, 'nothing')))).rejects.toThrow('holds none');
  });

  it('splitName splits at the first dot of the name, as the webdataset library does', () => {
    expect(splitName('a/b.c/d.seg.png')).toEqual(['a/b.c/d', 'seg.png']);
    expect(splitName('./0001.JPG')).toEqual(['0001', 'jpg']);
    expect(splitName('plain')).toEqual(['plain', '']);
  });
});
