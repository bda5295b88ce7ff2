import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DuckDBConnection } from '@duckdb/node-api';
import { describe, expect, it } from 'vitest';
import { databaseThreads, withDatabase } from './database.js';

describe('databases', () => {
  it('run one thread for each core, as far as there are 100 MB for each', () => {
    expect(databaseThreads(400, 2)).toBe(2);
    expect(databaseThreads(400, 16)).toBe(4);
    expect(databaseThreads(250, 16)).toBe(2);
    expect(databaseThreads(50, 16)).toBe(1);
  });

  it('obey the limits that they are opened with', async () => {
    // A list is held in memory as a whole: 8 bytes for each of its numbers.
    const longList = async (connection: DuckDBConnection): Promise<number> => {
      const found = await connection.runAndReadAll(
        'SELECT len(list(i)) FROM range(6000000) AS t(i)',
      );
      return Number(found.getRows()[0]?.[0]);
    };
    await expect(withDatabase(longList, 32)).rejects.toThrow();
    expect(await withDatabase(longList, 400)).toBe(6_000_000);
    const threads = await withDatabase(async (connection) => {
      const found = await connection.runAndReadAll("SELECT current_setting('threads')");
      return Number(found.getRows()[0]?.[0]);
    }, 128);
    expect(threads).toBe(1);
  });

  it('put on the disk what does not fit into their memory', async () => {
    const sorted = await withDatabase(async (connection) => {
      const found = await connection.runAndReadAll(
        `SELECT count(*), max(place) FROM (
           SELECT i, row_number() OVER (ORDER BY hash(i)) AS place, 'row number ' || i AS text
           FROM range(500000) AS t(i) ORDER BY text
         )`,
      );
      return found.getRows()[0]?.map(Number);
    }, 64);
    expect(sorted).toEqual([500_000, 500_000]);
  });

  it('leave no file when the process exits while one is open', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'janus-exit-'));
    const module = new URL('database.ts', import.meta.url).href;
    const script = `import { withDatabase } from ${JSON.stringify(module)};
      await withDatabase(async (connection) => {
        await connection.run('CREATE TABLE t AS SELECT * FROM range(1000)');
        process.exit(130);
      });`;
    const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const flags = ['--conditions=@janus/source', '--import', loader, '--input-type=module'];
    const env = { ...process.env, TMPDIR: temporary, TEMP: temporary };
    const child = spawn(process.execPath, [...flags, '--eval', script], { env, stdio: 'inherit' });
    expect(await once(child, 'close')).toEqual([130, null]);
    expect((await readdir(temporary)).filter((name) => name.startsWith('janus-'))).toEqual([]);
    await rm(temporary, { recursive: true });
  });
});
