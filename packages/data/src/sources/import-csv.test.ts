import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { withDatabase } from '../manifest/database.js';
import { readDatasetRecord } from '../manifest/dataset-record.js';
import { readTable } from '../manifest/tables.js';
import { importCsv } from './import-csv.js';
import { imported, outcome, root } from './import-csv.fixture.js';

describe('importCsv', () => {
  it('takes images, types and labels as they are, in the order of the table', async () => {
    const { rows, rejects, result, out } = await imported(
      'image,kind,age,share,code\na.jpg,x,30,0.5,007\nsub/d e.jpg,"y, z",7,1e-3,12\n',
    );
    expect(result).toMatchObject({ rows: 2, rejected: 0, reasons: {} });
    expect(rejects).toEqual([]);
    expect(rows.map(({ id, path }) => [id, path])).toEqual([
      ['a.jpg', join(root, 'a.jpg')],
      ['sub/d e.jpg', join(root, 'sub/d e.jpg')],
    ]);
    expect(rows.map(({ labels }) => labels)).toEqual([
      { kind: 'x', age: 30, share: 0.5, code: '007' },
      { kind: 'y, z', age: 7, share: 0.001, code: '12' },
    ]);
    expect((await readDatasetRecord(out)).options).toMatchObject({
      columns: { image: 'image' },
      labels: ['kind', 'age', 'share', 'code'],
    });
  });

  it('keeps addresses for the fetch, with what the file must hash to', async () => {
    const digest = 'AB'.repeat(32);
    const { rows, rejects } = await imported(
      `url,sha256,kind\nhttps://example.org/a.jpg,${digest},x\nhttp://example.org/b c.jpg,,y\nftp://example.org/c,,z\nhttps://example.org/d,12,z\n,,z\n`,
    );
    expect(rows.map(({ id, path, url, sha256 }) => ({ id, path, url, sha256 }))).toEqual([
      {
        id: 'https://example.org/a.jpg',
        path: '',
        url: 'https://example.org/a.jpg',
        sha256: digest.toLowerCase(),
      },
      {
        id: 'http://example.org/b c.jpg',
        path: '',
        url: 'http://example.org/b c.jpg',
        sha256: null,
      },
    ]);
    expect(rejects).toEqual([
      [4, 'ftp://example.org/c', 'address is not http'],
      [5, 'https://example.org/d', 'sha256 is not 64 hexadecimal digits'],
      [6, '', 'no image named'],
    ]);
  });

  it('takes an address in the column of images, and prefers the file where both are known', async () => {
    const { rows } = await imported(
      'image,url,kind\nhttps://example.org/1.jpg,,x\na.jpg,https://example.org/2.jpg,y\ngone.jpg,https://example.org/3.jpg,z\n',
    );
    expect(rows.map(({ path, url }) => [path, url])).toEqual([
      ['', 'https://example.org/1.jpg'],
      [join(root, 'a.jpg'), 'https://example.org/2.jpg'],
      ['', 'https://example.org/3.jpg'],
    ]);
  });

  it('numbers the boxes of one image, and rejects boxes that are none', async () => {
    const { rows, rejects, out } = await imported(
      [
        'url,x1,y1,x2,y2,width',
        'https://e.org/a,1,2,30,40,50',
        'https://e.org/a,5,6,31,41,50',
        'https://e.org/a,1,2,30,40,50',
        'https://e.org/b,,,,,50',
        'https://e.org/c,1,2,,40,50',
        'https://e.org/d,9,2,9,40,50',
        'https://e.org/e,60,2,70,40,50',
        'https://e.org/f,nan,2,70,40,50',
      ].join('\n'),
      { boxUnit: 'pixel' },
    );
    expect(rows.map(({ id, x1, x2, width }) => [id, x1, x2, width])).toEqual([
      ['https://e.org/a', 1, 30, 50],
      ['https://e.org/a#2', 5, 31, 50],
      ['https://e.org/b', null, null, 50],
    ]);
    expect(rejects.map(([row, , reason]) => [row, reason])).toEqual([
      [4, 'image occurs before'],
      [6, 'box is not four numbers'],
      [7, 'box is empty'],
      [8, 'box lies outside the image'],
      [9, 'box is not four numbers'],
    ]);
    expect((await readDatasetRecord(out)).options['boxUnit']).toBe('pixel');
  });

  it('wants the unit of boxes, and all four columns', async () => {
    const boxes = 'image,x1,y1,x2,y2\na.jpg,1,2,3,4\n';
    await expect(imported(boxes)).rejects.toThrow(/unit must be given.*--box-unit/);
    await expect(imported('image,left\na.jpg,1\n', { x1Column: 'left' })).rejects.toThrow(
      /four columns, but only some/,
    );
    const { rows } = await imported('image,l,t,r,b\na.jpg,0.1,0.2,0.3,0.4\n', {
      x1Column: 'l',
      y1Column: 't',
      x2Column: 'r',
      y2Column: 'b',
      boxUnit: 'fraction',
    });
    expect(rows[0]).toMatchObject({ x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4, labels: {} });
  });

  it('takes columns by the names that are given, whatever their capital letters', async () => {
    const { rows } = await imported('Photo,Key,Who,Kind,Note\na.jpg,1,w,x,n\nb.jpg,2,w,y,m\n', {
      imageColumn: 'photo',
      idColumn: 'KEY',
      identityColumn: 'who',
      labelColumns: ['kind'],
    });
    expect(rows.map(({ id, identity, labels }) => [id, identity, labels])).toEqual([
      ['1', 'w', { Kind: 'x' }],
      ['2', 'w', { Kind: 'y' }],
    ]);
    await expect(imported('image\na.jpg\n', { idColumn: 'key' })).rejects.toThrow(
      /needs a column key, but has the columns image.*--id-column/,
    );
    await expect(imported('portrait,kind\na.jpg,x\n')).rejects.toThrow(
      /needs a column image or path.*has the columns portrait, kind/,
    );
  });

  it('rejects ids that occur before or are absent, and images that are not there', async () => {
    const { rows, rejects, result } = await imported(
      'id,image\n1,a.jpg\n1,b.jpg\n,c.jpg\n2,gone.jpg\n2,c.jpg\n3,sub\n',
    );
    expect(rows.map(({ id, path }) => [id, path])).toEqual([
      ['1', join(root, 'a.jpg')],
      ['2', join(root, 'c.jpg')],
    ]);
    expect(rejects).toEqual([
      [3, 'b.jpg', 'id occurs before'],
      [4, 'c.jpg', 'no id'],
      [5, 'gone.jpg', 'missing file'],
      [7, 'sub', 'missing file'],
    ]);
    expect(result.reasons).toEqual({ 'missing file': 2, 'id occurs before': 1, 'no id': 1 });
  });

  it('takes splits where the column holds nothing else, and renames labels that clash', async () => {
    const { rows } = await imported('image,split,status\na.jpg,Train,ok\nb.jpg,val,\n');
    expect(rows.map(({ split, labels }) => [split, labels])).toEqual([
      ['train', { source_status: 'ok' }],
      ['validation', { source_status: null }],
    ]);
    const fold = await imported('image,split\na.jpg,train\nb.jpg,fold2\n');
    expect(fold.rows.map(({ split, labels }) => [split, labels])).toEqual([
      [null, { source_split: 'train' }],
      [null, { source_split: 'fold2' }],
    ]);
    const strict = await imported('image,split\na.jpg,train\nb.jpg,fold2\n', {
      splitColumn: 'split',
    });
    expect(strict.rejects).toEqual([[3, 'b.jpg', 'split is none of train, validation, test']]);
  });

  it('leaves out what does not meet the condition, and says what a condition may name', async () => {
    const table = 'image,age,kind\na.jpg,30,x\nb.jpg,4,x\nc.jpg,,y\n';
    const { rows, rejects } = await imported(table, { where: "age >= 18 OR kind = 'y'" });
    expect(rows.map(({ id }) => id)).toEqual(['a.jpg', 'c.jpg']);
    expect(rejects).toEqual([[3, 'b.jpg', 'left out by --where']]);
    await expect(imported(table, { where: 'years > 3' })).rejects.toThrow(
      /--where: must be a condition in SQL over the columns image, age, kind, but .*years/,
    );
    await expect(imported(table, { where: "age > 3' OR 1" })).rejects.toThrow(/--where: must be/);
  });

  it('reads JSON Lines, JSON and Parquet, each gzipped too, to the same rows', async () => {
    const table = [
      { image: 'a.jpg', kind: 'x', age: 30, code: '7', nested: { k: [1] } },
      { image: 'b.jpg', kind: null, age: 7, extra: true },
    ];
    const lines = table.map((row) => JSON.stringify(row)).join('\n');
    const parquet = join(root, 'made.parquet');
    await withDatabase(async (connection) => {
      await connection.run(
        `COPY (SELECT 'a.jpg' AS image, 'x' AS kind, 30::BIGINT AS age, '7' AS code, {'k': [1]} AS nested, NULL::BOOLEAN AS extra
         UNION ALL SELECT 'b.jpg', NULL, 7, NULL, NULL, true) TO '${parquet}' (FORMAT parquet)`,
      );
    });
    const expected = [
      { kind: 'x', age: 30, code: '7', nested: '{"k":[1]}', extra: null },
      { kind: null, age: 7, code: null, nested: null, extra: 'true' },
    ];
    const packed = await readFile(parquet);
    for (const [file, content] of [
      ['t.jsonl', lines],
      ['t.ndjson', `\ufeff${lines.replaceAll('\n', '\r\n\r\n')}\r\n`],
      ['t.json', JSON.stringify(table, null, 2)],
      ['t2.json', lines],
      ['t.jsonl.gz', gzipSync(lines)],
      ['t.json.gz', gzipSync(JSON.stringify(table))],
      ['t.parquet', packed],
      ['t.parquet.gz', gzipSync(packed)],
    ] as const) {
      const { rows, rejects } = await imported(content, { file });
      expect(
        rows.map(({ labels }) => labels),
        file,
      ).toEqual(expected);
      expect(rejects, file).toEqual([]);
    }
  });

  it('rejects lines of JSON that are none', async () => {
    const { rows, rejects } = await imported(
      '{"image":"a.jpg"}\n{"image":"b.jpg"\n\n[1]\n{"image":"c.jpg"}\nnull\n{"image":"gone.jpg"}\n',
      { file: 'bad.jsonl' },
    );
    expect(rows.map(({ id }) => id)).toEqual(['a.jpg', 'c.jpg']);
    expect(rejects).toEqual([
      [2, '{"image":"b.jpg"', 'not JSON'],
      [4, '[1]', 'not a JSON object'],
      [6, 'null', 'not a JSON object'],
      [7, 'gone.jpg', 'missing file'],
    ]);
  });

  it('reads tabs, semicolons and what is told, and gzip', async () => {
    for (const [file, content, options] of [
      ['t.tsv', 'image\tkind\na.jpg\tx, y\n', {}],
      ['semicolon.csv', 'image;kind\na.jpg;x, y\n', {}],
      ['other.csv', 'image~kind\na.jpg~x, y\n', { delimiter: '~' }],
      ['t.csv.gz', gzipSync('image,kind\na.jpg,"x, y"\n'), {}],
      ['t.tsv.gz', gzipSync('image\tkind\na.jpg\tx, y\n'), {}],
    ] as const) {
      const { rows } = await imported(content, { file, ...options });
      expect(
        rows.map(({ labels }) => labels),
        file,
      ).toEqual([{ kind: 'x, y' }]);
    }
    await expect(imported('image\na.jpg\n', { delimiter: ',,' })).rejects.toThrow(
      /must be one character/,
    );
  });

  it('joins the tables of a folder or a pattern, whose images lie beside them', async () => {
    const many = join(root, 'many');
    for (const name of ['one', 'two']) {
      await mkdir(join(many, name), { recursive: true });
      await writeFile(join(many, name, 'p.jpg'), name);
    }
    await writeFile(join(many, 'one/t.csv'), 'image,kind,age\np.jpg,x,3\ngone.jpg,x,3\n');
    await writeFile(join(many, 'two/t.csv'), '\nkind,image,note\ny,p.jpg,n\n,gone.jpg,\n');
    const out = join(root, 'joined');
    await importCsv(join(many, '*/t.csv'), { out });
    const { rows, rejects } = await outcome(out);
    expect(rows.map(({ id, path, labels }) => [id, path, labels])).toEqual([
      ['one/p.jpg', join(many, 'one/p.jpg'), { kind: 'x', age: 3, note: null }],
      ['two/p.jpg', join(many, 'two/p.jpg'), { kind: 'y', age: null, note: 'n' }],
    ]);
    expect(rejects).toEqual([
      [3, 'gone.jpg', 'missing file'],
      [4, 'gone.jpg', 'missing file'],
    ]);
    const sources = await readTable(join(out, 'rejects.parquet'));
    expect(sources.map(({ source }) => source)).toEqual([
      join(many, 'one/t.csv'),
      join(many, 'two/t.csv'),
    ]);
    await expect(importCsv(join(many, '*.csv'), { out })).rejects.toThrow(/no file matches/);
    await expect(importCsv(many, { out: `${out}2` })).rejects.toThrow(/the folder has no table/);
    await importCsv([join(many, 'one'), join(many, 'two')], { out, force: true });
    expect((await outcome(out)).rows).toHaveLength(2);
  });

  it('takes images that are links, and names with letters of patterns', async () => {
    await symlink(join(root, 'a.jpg'), join(root, 'link[1].jpg'));
    await symlink(join(root, 'nowhere'), join(root, 'broken.jpg'));
    const { rows, rejects } = await imported('image\nlink[1].jpg\nbroken.jpg\n', {
      file: 'name[1]*.csv',
    });
    expect(rows.map(({ id }) => id)).toEqual(['link[1].jpg']);
    expect(rejects).toEqual([[3, 'broken.jpg', 'missing file']]);
  });

  it('reads a table that follows one without a row', async () => {
    const [empty, full] = [join(root, 'empty-1.json'), join(root, 'empty-2.csv')];
    await writeFile(empty, '[]');
    await writeFile(full, 'image,kind\na.jpg,x\n');
    const out = join(root, 'after-empty');
    expect(await importCsv([empty, full], { out })).toMatchObject({
      rows: 1,
      rejected: 0,
      reasons: {},
    });
    expect((await outcome(out)).rows.map(({ labels }) => labels)).toEqual([{ kind: 'x' }]);
  });
});
