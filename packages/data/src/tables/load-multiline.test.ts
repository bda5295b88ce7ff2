import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withDatabase } from '../manifest/database.js';
import { loadTables } from './load-tables.js';

/** Rows of which the file is longer than what the database reads at once, so that threads share it. */
const ROWS = 700_000;

it('a long table whose cells span lines is read whole, whatever threads share it', async () => {
  const work = await mkdtemp(join(tmpdir(), 'janus-multiline-'));
  try {
    const path = join(work, 'table.csv');
    const rows = Array.from(
      { length: ROWS },
      (_, i) => `${i},"first of ${i}\nsecond line, ${i}"\n`,
    );
    await writeFile(path, `id,text\n${rows.join('')}`);
    await withDatabase(async (connection) => {
      const { table } = await loadTables(connection, [path], { work, delimiter: ',' });
      const found = await connection.runAndReadAll(
        `SELECT count(*)::INTEGER, count(DISTINCT id)::INTEGER, bool_and(text = 'first of ' || id || chr(10) || 'second line, ' || id) FROM ${table}`,
      );
      expect(found.getRows()).toEqual([[ROWS, ROWS, true]]);
    });
  } finally {
    await rm(work, { recursive: true });
  }
});
