/** What a table means beside what is written: missing values, decimal commas, paths of Windows, plain lists. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDatasetRecord } from '../manifest/dataset-record.js';
import { writeTable } from '../manifest/tables.js';
import { MISSING_VALUES } from '../tables/missing-values.js';
import { importCsv } from './import-csv.js';
import { imported, outcome, root } from './import-csv.fixture.js';

describe('missing values', () => {
  it.each([...MISSING_VALUES, '', ' ', ' NA '])('%j is not a class', async (word) => {
    const { rows } = await imported(`image,kind\na.jpg,x\nb.jpg,"${word}"\nc.jpg,y\n`);
    expect(rows.map(({ labels }) => labels['kind'])).toEqual(['x', null, 'y']);
  });

  it('leave a column of numbers one, and are counted by word', async () => {
    const { rows, result, out } = await imported(
      'image,age,kind,identity\na.jpg,20,NA,nan\nb.jpg,NA,,nan\nc.jpg,,x,p\n',
    );
    expect(rows.map(({ labels }) => labels)).toEqual([
      { age: 20, kind: null },
      { age: null, kind: null },
      { age: null, kind: 'x' },
    ]);
    // Else everybody without a name would be one person.
    expect(rows.map(({ identity }) => identity)).toEqual([null, null, 'p']);
    expect(result.missing).toEqual({
      age: { '': 1, NA: 1 },
      kind: { '': 1, NA: 1 },
      identity: { nan: 2 },
    });
    expect((await readDatasetRecord(out)).options['missingValues']).toEqual(MISSING_VALUES);
  });

  it('are the words that are given, and none but the empty cell where none are', async () => {
    const table = 'image,kind\na.jpg,NA\nb.jpg,?\nc.jpg,\n';
    const some = await imported(table, { missingValues: ['?'] });
    expect(some.rows.map(({ labels }) => labels['kind'])).toEqual(['NA', null, null]);
    const none = await imported(table, { missingValues: [] });
    expect(none.rows.map(({ labels }) => labels['kind'])).toEqual(['NA', '?', null]);
    expect(none.result.missing).toEqual({});
  });

  it('are NaN too in a column of floating-point numbers', async () => {
    const file = join(root, 'nan.parquet');
    await writeTable(file, { image: 'VARCHAR', score: 'DOUBLE' }, [
      { image: 'a.jpg', score: 0.5 },
      { image: 'b.jpg', score: Number.NaN },
    ]);
    const out = join(root, 'out-nan');
    await importCsv(file, { out });
    const { rows } = await outcome(out);
    expect(rows.map(({ labels }) => labels['score'])).toEqual([0.5, null]);
  });

  it('"none" and "unknown" are values', async () => {
    const { rows } = await imported('image,beard\na.jpg,none\nb.jpg,unknown\n');
    expect(rows.map(({ labels }) => labels['beard'])).toEqual(['none', 'unknown']);
  });
});

describe('a column that holds nothing', () => {
  it.each([
    ['a comma at the end of every line', 'image,kind,\na.jpg,x,\nb.jpg,y,\n', ['column_3']],
    ['a comma at the end of the header alone', 'image,kind,,\na.jpg,x\nb.jpg,y\n', []],
    ['a comma at the end of the rows alone', 'image,kind\na.jpg,x,\nb.jpg,y,\n', ['column_3']],
    ['a name', 'image,kind,note\na.jpg,x,NA\nb.jpg,y,\n', ['note']],
  ])('with %s is not a label', async (_, table, empty) => {
    const { rows, rejects, result } = await imported(table);
    expect(rows.map(({ labels }) => labels)).toEqual([{ kind: 'x' }, { kind: 'y' }]);
    expect(rejects).toEqual([]);
    expect(result.emptyColumns).toEqual(empty);
  });

  it('is a label where it is named', async () => {
    const { rows, result } = await imported('image,kind\na.jpg,\n', { labelColumns: ['kind'] });
    expect(rows.map(({ labels }) => labels)).toEqual([{ kind: null }]);
    expect(result.emptyColumns).toEqual([]);
  });

  it('is not made up where one row alone has a cell too many', async () => {
    const { rows, rejects } = await imported('image,kind\na.jpg,x,\nb.jpg,y\n');
    expect(rows.map(({ id }) => id)).toEqual(['b.jpg']);
    expect(rejects).toEqual([[2, 'a.jpg,x,', 'too many cells']]);
  });
});

describe('a table that a program for sheets or a person wrote', () => {
  it('has no blanks around its cells', async () => {
    const { rows } = await imported(
      'image, kind, age\na.jpg, x, 20\nb.jpg,x , 30\nc.jpg, NA, NA\n',
    );
    expect(rows.map(({ labels }) => labels)).toEqual([
      { kind: 'x', age: 20 },
      { kind: 'x', age: 30 },
      { kind: null, age: null },
    ]);
  });

  it.each(['sep=;\n', '\ufeffsep=;\r\n', 'SEP=;\n\n'])('may begin with %j', async (start) => {
    const { rows, rejects } = await imported(`${start}image;kind\na.jpg;x, y\nb.jpg\n`);
    expect(rows.map(({ labels }) => labels)).toEqual([{ kind: 'x, y' }]);
    expect(rejects).toEqual([[start.split('\n').length + 2, 'b.jpg', 'too few cells']]);
  });

  it('may be in Latin-1, with quoted line ends and names of any characters', async () => {
    for (const name of ['h#1.jpg', 'p%20q.JPEG', 'what?.jpg', 'new\nline.jpg', 'sp ace;,.jpg']) {
      await writeFile(join(root, name), name);
    }
    await mkdir(join(root, 'folder.jpg'));
    const table =
      'image;größe\nh#1.jpg;1,5\np%20q.JPEG;2\nwhat?.jpg;3\n"new\nline.jpg";4\n"sp ace;,.jpg";5\nfolder.jpg;6\n';
    const { rows, rejects } = await imported(Buffer.from(table, 'latin1'), { encoding: 'latin1' });
    expect(rows.map(({ labels }) => labels['größe'])).toEqual([1.5, 2, 3, 4, 5]);
    expect(rejects).toEqual([[8, 'folder.jpg', 'missing file']]);
  });
});

describe('numbers with a decimal comma', () => {
  it('are numbers where cells are not separated by commas', async () => {
    const { rows, result } = await imported(
      '\ufeffimage;age;code;x1;y1;x2;y2\r\na.jpg;20,5;1,2,3;0,5;1;2,5;3\r\nb.jpg;-7;x;0;0;1;1\r\nc.jpg;NA;x;0;0;1;1\r\n',
      { boxUnit: 'pixel' },
    );
    expect(rows.map(({ labels }) => labels['age'])).toEqual([20.5, -7, null]);
    expect(rows[0]).toMatchObject({ x1: 0.5, y1: 1, x2: 2.5, y2: 3, labels: { code: '1,2,3' } });
    expect(result.decimalCommas).toEqual(['age', 'x1', 'x2']);
  });

  it('are text beside commas, and beside numbers with a point', async () => {
    const comma = await imported('image,pair\na.jpg,"20,5"\n');
    expect(comma.rows[0]?.labels['pair']).toBe('20,5');
    const mixed = await imported('image;price\na.jpg;1.200\nb.jpg;1,5\n');
    expect(mixed.rows.map(({ labels }) => labels['price'])).toEqual(['1.200', '1,5']);
  });
});

describe('paths written on Windows', () => {
  it('are tried with slashes, and without their folders from the left', async () => {
    const { rows, rejects, result } = await imported(
      'image,kind\nsub\\a.jpg,x\n.\\b.jpg,x\nC:\\Users\\me\\sub\\d e.jpg,x\nD:/pictures/c.jpg,x\n\\\\server\\share\\a.jpg,x\nC:\\none.jpg,x\n',
    );
    expect(rows.map(({ path }) => path.slice(root.length + 1))).toEqual(
      ['sub/a.jpg', './b.jpg', 'sub/d e.jpg', 'c.jpg', 'a.jpg'].map((name) =>
        name.replace('./', ''),
      ),
    );
    expect(rejects).toEqual([[7, 'C:\\none.jpg', 'missing file']]);
    expect(result.windowsPaths).toEqual({ count: 5, from: 'sub\\a.jpg', to: 'sub/a.jpg' });
  });

  it('stay as they are where a file has such a name', async () => {
    await writeFile(join(root, 'odd\\name.jpg'), 'odd');
    const { rows, result } = await imported('image\nodd\\name.jpg\n');
    expect(rows[0]?.path).toBe(join(root, 'odd\\name.jpg'));
    expect(result.windowsPaths).toBeNull();
  });

  it('never lead to one file from two folders', async () => {
    const { rejects, rows } = await imported(
      'image,kind\nC:\\x\\a.jpg,x\nC:\\y\\a.jpg,y\nC:\\x\\b.jpg,x\n',
    );
    expect(rows.map(({ id }) => id)).toEqual(['C:\\x\\b.jpg']);
    expect(rejects.map(([, path]) => path)).toEqual(['C:\\x\\a.jpg', 'C:\\y\\a.jpg']);
  });
});

describe('a plain list', () => {
  it('has one address a line, whatever is in it', async () => {
    const { rows, rejects, result } = await imported(
      '\ufeff# portraits\r\nhttps://example.org/i?id=1,2&w=3;4\r\n\r\n  https://example.org/a,b.jpg  \r\nhttps://example.org/"quoted".jpg\r\n'.replace(
        'https://example.org/"quoted".jpg\r\n',
        'HTTP://EXAMPLE.ORG/%22c%22\n',
      ),
      { file: 'urls.txt' },
    );
    expect(rows.map(({ url }) => url)).toEqual([
      'https://example.org/i?id=1,2&w=3;4',
      'https://example.org/a,b.jpg',
      'HTTP://EXAMPLE.ORG/%22c%22',
    ]);
    expect(rows.map(({ labels }) => labels)).toEqual([{}, {}, {}]);
    expect(rejects).toEqual([]);
    expect(result.lists).toEqual([join(root, 'urls.txt')]);
  });

  it('has one path a line; lines keep their numbers', async () => {
    const { rows, rejects } = await imported('# mine\n\nsub/d e.jpg\nnone.JPG\nsub\\a.jpg\n', {
      file: 'paths.lst',
    });
    expect(rows.map(({ id }) => id)).toEqual(['sub/d e.jpg', 'sub\\a.jpg']);
    expect(rejects).toEqual([[4, 'none.JPG', 'missing file']]);
  });

  it('may be one of several files', async () => {
    const folder = join(root, 'several');
    await mkdir(folder);
    await writeFile(join(folder, '1.txt'), 'https://example.org/1.jpg\n');
    await writeFile(join(folder, '2.csv'), 'image,kind\nhttps://example.org/2.jpg,x\n');
    const out = join(root, 'out-several');
    await importCsv([join(folder, '1.txt'), join(folder, '2.csv')], { out });
    const { rows } = await outcome(out);
    expect(rows.map(({ id, labels }) => [id, labels['kind']])).toEqual([
      ['https://example.org/1.jpg', null],
      ['https://example.org/2.jpg', 'x'],
    ]);
  });

  it.each([
    ['addresses and words', 'https://example.org/a,cat\nhttps://example.org/b,dog\n'],
    ['addresses and numbers', 'https://example.org/a.jpg,0.5\nhttps://example.org/b.jpg,1\n'],
    ['words and paths', 'cat,a.jpg\ndog,b.jpg\n'],
    ['paths with a tab', 'a.jpg\tb.jpg\n'],
    ['quoted paths', '"a.jpg"\n"b.jpg"\n'],
    ['a line that is neither', 'a.jpg\nREADME\n'],
  ])('is not a table without a header: %s', async (_, table) => {
    await expect(imported(table)).rejects.toThrow(
      /needs a column image .* Add a header line, such as `image,label`; a plain list has one/,
    );
  });

  it('is not a table with one column', async () => {
    const { rows, result } = await imported('image\na.jpg\nb.jpg\n');
    expect(rows).toHaveLength(2);
    expect(result.lists).toEqual([]);
  });
});
