import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { journalFile, journalLine, openJournal, repairJournal } from './fetch-journal.js';

let root = '';
let folder = '';
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-journal-'));
});
beforeEach(async () => {
  folder = join(root, String((count += 1)));
  await mkdir(folder);
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

/** A line without an image, or with one of these bytes. */
function line(key: string, bytes?: string): string {
  const sha256 = bytes === undefined ? null : createHash('sha256').update(bytes).digest('hex');
  return journalLine(key, {
    status: bytes === undefined ? 'http_404' : 'ok',
    httpCode: 404,
    bytes: null,
    sha256,
    contentType: null,
    finalUrl: null,
    path: bytes === undefined ? null : `${key}.jpg`,
    tries: 1,
    ms: 3,
  });
}

const mark = (offset: number): string => `{"durable":${offset}}\n`;
const [a, b] = [line('a'), line('b')];
const read = async (): Promise<string> => await readFile(journalFile(folder), 'utf8');

it('a line leaves out what is not known', () => {
  expect(a).toBe('{"key":"a","status":"http_404","httpCode":404,"tries":1,"ms":3}\n');
});

describe('repairJournal', () => {
  it.each([
    ['nothing', '', ''],
    ['whole lines', a + b, a + b + mark(a.length + b.length)],
    ['a torn last line', a + b.slice(0, -1), a + mark(a.length)],
    ['a torn only line', '{"key":"a', ''],
    ['a torn line longer than is read at once', a + 'x'.repeat(700_000), a + mark(a.length)],
    ['lines that are all marked', a + mark(a.length), a + mark(a.length)],
    ['a torn mark', a + mark(a.length).slice(0, -2), a + mark(a.length)],
  ])('leaves of %s what can be believed', async (_name, before, after) => {
    await writeFile(journalFile(folder), before);
    await repairJournal(folder);
    expect(await read()).toBe(after);
    await repairJournal(folder);
    expect(await read()).toBe(after);
  });

  it('makes no journal where there is none', async () => {
    await repairJournal(folder);
    await expect(read()).rejects.toThrow(/ENOENT/);
  });

  it('removes lines after the last mark whose images are not whole on the disk', async () => {
    await writeFile(join(folder, 'whole.jpg'), 'whole');
    await writeFile(join(folder, 'half.jpg'), 'ha');
    const marked = line('gone', 'not looked at');
    const lines = [line('half', 'half'), line('whole', 'whole'), line('absent', 'absent'), a];
    await writeFile(journalFile(folder), marked + mark(marked.length) + lines.join(''));
    await repairJournal(folder);
    const text = marked + line('whole', 'whole') + a;
    expect(await read()).toBe(text + mark(text.length));
  });

  it('finds the last mark far from the end, and lines that follow in the file but not in time', async () => {
    // A mark comes when a group is durable; lines of the next group are there by then.
    await writeFile(join(folder, 'late.jpg'), 'late');
    const many = Array.from({ length: 8000 }, (_, i) => line(`n${i}`)).join('');
    const late = line('late', 'late') + line('lost', 'lost');
    await writeFile(journalFile(folder), a + late + mark(a.length) + many);
    await repairJournal(folder);
    const text = a + line('late', 'late') + many;
    expect(await read()).toBe(text + mark(text.length));
  });
});

describe('openJournal', () => {
  it('appends lines in their order, and marks where they are durable', async () => {
    const journal = await openJournal(folder);
    journal.append(a);
    const end = journal.end();
    journal.append(b);
    await journal.mark(end);
    await journal.close();
    expect(end).toBe(a.length);
    const text = a + b + mark(end);
    expect(await read()).toBe(text);
    const next = await openJournal(folder);
    expect(next.end()).toBe(text.length);
    next.append(a);
    await next.close();
    expect(await read()).toBe(text + a);
  });
});
