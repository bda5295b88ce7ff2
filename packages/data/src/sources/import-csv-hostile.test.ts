import { readdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { imported, root } from './import-csv.fixture.js';

describe('hostile tables', () => {
  it('are read past byte order marks, line ends of every kind and blank lines', async () => {
    for (const [name, content] of [
      ['mark', '\ufeffimage,kind\na.jpg,x\nb.jpg,y\n'],
      ['crlf', 'image,kind\r\na.jpg,x\r\nb.jpg,y\r\n'],
      ['mixed', 'image,kind\r\na.jpg,x\nb.jpg,y\r\n'],
      ['cr', 'image,kind\ra.jpg,x\rb.jpg,y\r'],
      ['blank', '\n\r\nimage,kind\n\na.jpg,x\n\r\n\nb.jpg,y\n\n'],
      ['end', 'image,kind\na.jpg,x\nb.jpg,y'],
      ['utf-16', Buffer.from('\ufeffimage,kind\na.jpg,x\nb.jpg,y\n', 'utf16le')],
      ['space', ' image , kind \na.jpg,x\n b.jpg ,y\n'],
    ] as const) {
      const { rows, rejects } = await imported(content);
      expect(
        rows.map(({ id, labels }) => [id, labels]),
        name,
      ).toEqual([
        ['a.jpg', { kind: 'x' }],
        ['b.jpg', { kind: 'y' }],
      ]);
      expect(rejects, name).toEqual([]);
    }
  });

  it('give every line that is not a row as a reject, with its own line number', async () => {
    const { rows, rejects } = await imported(
      [
        'image,kind',
        'a.jpg,"two',
        'lines"',
        '',
        'few',
        'too,many,cells',
        'b.jpg,"shut"again',
        'gone.jpg,x',
        'nul\0.jpg,x',
        `huge.jpg,${'x'.repeat(2_100_000)}`,
        'c.jpg,z',
        'last.jpg,"open',
        '',
      ].join('\n'),
    );
    expect(rows.map(({ id, labels }) => [id, labels])).toEqual([
      ['a.jpg', { kind: 'two\nlines' }],
      ['c.jpg', { kind: 'z' }],
    ]);
    expect(rejects.map(([row, , reason]) => [row, reason])).toEqual([
      [5, 'too few cells'],
      [6, 'too many cells'],
      [7, 'text after a closing quote'],
      [8, 'missing file'],
      [9, 'control character in the text'],
      [10, 'longer than 2 MB'],
      [12, 'quote that is never closed'],
    ]);
  });

  it('reject what is not in their encoding, which can be named', async () => {
    const latin = Buffer.from('image,kind\na.jpg,x\nb.jpg,caf\xe9\n', 'latin1');
    const { rows, rejects } = await imported(latin);
    expect(rows.map(({ id }) => id)).toEqual(['a.jpg']);
    expect(rejects.map(([row, , reason]) => [row, reason])).toEqual([
      [3, 'not UTF-8 text (--encoding latin1 or utf-16 reads others)'],
    ]);
    const told = await imported(latin, { encoding: 'latin1' });
    expect(told.rows.map(({ labels }) => labels['kind'])).toEqual(['x', 'café']);
  });

  it('fail in one line where nothing can be made of them, and leave nothing behind', async () => {
    const before = (await readdir(root)).filter((name) => name.startsWith('out-'));
    const cut = gzipSync('image,kind\n' + 'a.jpg,some text\n'.repeat(5000));
    for (const [content, file, message] of [
      ['', 'e1.csv', /this file is empty/],
      ['\n\n', 'e2.csv', /this file is empty/],
      ['', 'e3.jsonl', /needs a column image/],
      ['[]', 'e4.json', /needs a column image/],
      ['image,kind\n', 'e5.csv', /none could be used \(nothing found\)/],
      ['image,kind,Kind\na.jpg,x,y\n', 'e6.csv', /two are called Kind/],
      ['{"image":"a.jpg","Image":"b.jpg"}\n', 'e7.jsonl', /two are called Image/],
      ['[{"image":"a.jpg"},', 'e8.json', /must be a readable table, but the array has no end/],
      ['image,"kind\na.jpg,x\n', 'e9.csv', /line 1 is at fault: quote that is never closed/],
      [cut.subarray(0, cut.length - 20), 'e10.csv.gz', /must be a whole gzip file/],
      ['image,kind\n', 'e11.csv.gz', /must be a whole gzip file/],
      ['no parquet', 'e12.parquet', /must be a readable table/],
      ['image,kind\ngone.jpg,x\nfew\n', 'e13.csv', /1 missing file, 1 too few cells/],
    ] as const) {
      const failure: unknown = await imported(content, { file }).catch((error: unknown) => error);
      expect(failure, file).toBeInstanceOf(Error);
      expect(String(failure), file).toMatch(message);
      expect(String(failure).trim().split('\n'), file).toHaveLength(1);
    }
    const after = (await readdir(root)).filter((name) => name.startsWith('out-'));
    expect(after).toEqual(before);
  });
});
