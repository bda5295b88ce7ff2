import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newRow } from '../manifest/manifest-row.js';
import { writeManifestStream } from '../manifest/manifest-stream.js';
import { writeRejects } from '../manifest/manifest.js';
import { queryDataset, queryTables } from './query.js';
import { writeTable } from '../manifest/tables.js';

let root = '';
let folder = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "janus-query's-"));
  folder = join(root, 'faces');
  await writeManifestStream(
    folder,
    ['f', 'm', 'f', null].map((sex, i) =>
      newRow({ id: `r${i}`, path: `${i}.jpg`, labels: { sex, age: 20 + i } }),
    ),
  );
  await writeRejects(folder, [{ row: 5, path: 'gone.jpg', reason: 'missing file' }]);
  await writeFile(join(root, 'secret.csv'), 'word\nsesame\n');
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

describe('queryDataset', () => {
  it('answers about the manifest and every other table of the folder', async () => {
    const sql =
      'SELECT sex, count(*) AS n, avg(age) AS age FROM manifest GROUP BY sex ORDER BY sex';
    expect(await queryDataset(folder, sql)).toEqual([
      { sex: 'f', n: 2, age: 21 },
      { sex: 'm', n: 1, age: 21 },
      { sex: null, n: 1, age: 23 },
    ]);
    expect(await queryDataset({ folder }, 'FROM rejects')).toEqual([
      { row: 5, path: 'gone.jpg', reason: 'missing file', source: null },
    ]);
    expect(await queryDataset(folder, 'SELECT sum(0.5) AS half FROM manifest')).toEqual([
      { half: 2 },
    ]);
  });

  it('takes values apart from the text', async () => {
    const sql = 'SELECT id FROM manifest WHERE sex = $1 AND age > $2';
    expect(await queryDataset(folder, sql, ['f', 20])).toEqual([{ id: 'r2' }]);
    expect(await queryDataset(folder, sql, ["f' OR true --", 0])).toEqual([]);
    await expect(queryDataset(folder, sql, ['f'])).rejects.toThrow(/^query: must be SQL over/);
  });

  it('describes, summarises and pivots', async () => {
    const described = await queryDataset(folder, 'DESCRIBE manifest');
    expect(described).toContainEqual(
      expect.objectContaining({ column_name: 'age', column_type: 'INTEGER' }),
    );
    const [age] = await queryDataset(folder, 'SUMMARIZE SELECT age FROM manifest');
    expect(age).toMatchObject({ min: '20', max: '23' });
    const pivot = `PIVOT (SELECT sex, status FROM manifest) ON sex IN ('f', 'm') USING count(*)`;
    expect(await queryDataset(folder, pivot)).toEqual([{ status: 'kept', f: 2, m: 1 }]);
  });

  it('reads no other file', async () => {
    const secret = join(root, 'secret.csv').replaceAll("'", "''");
    for (const sql of [
      `FROM '${secret}'`,
      `FROM read_csv('${secret}')`,
      `FROM read_text('${secret}')`,
      `FROM read_blob('/etc/passwd')`,
      `FROM glob('/etc/*')`,
      `FROM sniff_csv('${secret}')`,
      `FROM parquet_metadata('${secret}')`,
      `FROM query('FROM ''${secret.replaceAll("'", "''")}''')`,
      `FROM 'https://example.org/x.csv'`,
      'FROM duckdb_secrets()',
    ]) {
      await expect(queryDataset(folder, sql), sql).rejects.toThrow(
        /^query: must be SQL over .*, but/,
      );
    }
  });

  it('writes no file and changes no setting, in a folder of its own or elsewhere', async () => {
    const manifest = join(folder, 'manifest.parquet').replaceAll("'", "''");
    const before = await readFile(join(folder, 'manifest.parquet'));
    const listed = await readdir(root, { recursive: true });
    for (const sql of [
      `COPY (SELECT 1) TO '${manifest}' (FORMAT parquet)`,
      `COPY (SELECT 1) TO '${folder.replaceAll("'", "''")}/new.csv'`,
      `COPY manifest TO 'new.parquet'`,
      `COPY (SELECT 1 AS x) TO '${manifest}' (FORMAT parquet, USE_TMP_FILE false)`,
      `EXPLAIN ANALYZE COPY (SELECT 1 AS x) TO '${manifest}' (FORMAT parquet, USE_TMP_FILE false)`,
      `ATTACH '${root.replaceAll("'", "''")}/other.db'`,
      'SET enable_external_access = true',
      'RESET allowed_paths',
      'PRAGMA enable_external_access = true',
      'CREATE TABLE t AS FROM manifest',
      'DROP VIEW manifest',
      'INSERT INTO manifest DEFAULT VALUES',
      'DELETE FROM manifest',
      'INSTALL httpfs',
      'LOAD httpfs',
      'CHECKPOINT',
      `EXPORT DATABASE '${root.replaceAll("'", "''")}/all'`,
      'SELECT 1; DROP VIEW manifest',
    ]) {
      await expect(queryDataset(folder, sql), sql).rejects.toThrow(/^query: must be/);
    }
    expect(await readFile(join(folder, 'manifest.parquet'))).toEqual(before);
    expect(await readdir(root, { recursive: true })).toEqual(listed);
  });

  it('says in one line what is wrong with a query', async () => {
    for (const [sql, message] of [
      ['', /^query: must be SQL, but got nothing/],
      ['-- only a remark', /^query: must be SQL, but got nothing/],
      [
        'SELEC 1',
        /^query: must be SQL over the tables manifest, rejects, but .*at or near "SELEC"/,
      ],
      ['SELECT gendr FROM manifest', /gendr/],
      ['FROM nothing', /nothing does not exist/],
      ['DROP VIEW manifest', /^query: must be one SELECT, but got DROP/],
      ['SELECT 1; SELECT 2', /^query: must be one SELECT, but got 2 statements/],
    ] as const) {
      const error: unknown = await queryDataset(folder, sql).catch((reason: unknown) => reason);
      expect(String(error), sql).toMatch(new RegExp(message.source.replace('^', ': ?')));
      expect(String(error).split('\n')).toHaveLength(1);
    }
    await expect(queryDataset(root, 'SELECT 1')).rejects.toThrow(/has manifest.parquet/);
  });
});

describe('queryTables', () => {
  it('joins tables of several folders and kinds under the names that they are given', async () => {
    const predictions = join(root, 'predictions.parquet');
    await writeTable(predictions, { id: 'VARCHAR', confidence: 'DOUBLE' }, [
      { id: 'r0', confidence: 0.9 },
      { id: 'r1', confidence: 0.5 },
    ]);
    const ages = join(root, 'ages.jsonl');
    await writeFile(ages, '{"id": "r0", "age": 3}\n');
    const files = { m: join(folder, 'manifest.parquet'), 'the run': predictions, ages };
    const sql = `SELECT sex, confidence, ages.age FROM m JOIN "the run" USING (id) LEFT JOIN ages USING (id) ORDER BY id`;
    expect(await queryTables(files, sql)).toEqual([
      { sex: 'f', confidence: 0.9, age: 3 },
      { sex: 'm', confidence: 0.5, age: null },
    ]);
  });

  it('says which file is absent, torn or no table', async () => {
    await expect(queryTables({ t: join(root, 'no.csv') }, 'FROM t')).rejects.toThrow(
      /no\.csv: does not exist/,
    );
    const torn = join(root, 'torn.parquet');
    await writeFile(torn, 'PAR1');
    await expect(queryTables({ t: torn }, 'FROM t')).rejects.toThrow(
      /torn\.parquet: must be a readable table/,
    );
    const text = join(root, 'notes.txt');
    await writeFile(text, 'x');
    await expect(queryTables({ t: text }, 'FROM t')).rejects.toThrow(/tables must be .parquet/);
  });
});
