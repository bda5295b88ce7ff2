import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withDatabase } from '../manifest/database.js';
import { loadTables } from './load-tables.js';
import { cellsOfRecord, RECORD_FAULTS, scanRecords } from './text-scan.js';

let work = '';
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'janus-load-'));
});
afterAll(async () => {
  await rm(work, { recursive: true });
});

/** What was loaded: the rows with their lines, and the lines that are none. */
async function load(
  content: string,
): Promise<{ rows: unknown[][]; rejected: (readonly [number, string])[] }> {
  const path = join(work, 'table.csv');
  await writeFile(path, content);
  return await withDatabase(async (connection) => {
    const { table, places, ...loaded } = await loadTables(connection, [path], {
      work,
      delimiter: ',',
    });
    const rows = await connection.runAndReadAll(
      `SELECT s.rowid + p.shift, s.* FROM ${table} s ASOF JOIN ${places.table} p ON s.rowid >= p.first ORDER BY s.rowid`,
    );
    const rejected = await connection.runAndReadAll(
      `SELECT "row", reason FROM ${loaded.rejected.table} ORDER BY "row"`,
    );
    return {
      rows: rows.getRows().map(([line, ...cells]) => [Number(line), ...cells]),
      rejected: rejected.getRows().map(([row, why]) => [Number(row), String(why)] as const),
    };
  });
}

/** A cell as text of CSV: in quotes where it must be, or where `quote` says so. */
function written(cell: string, quote: boolean): string {
  const must = /["\r\n,]/.test(cell);
  return must || quote ? `"${cell.replaceAll('"', '""')}"` : cell;
}

const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', '"', ',', '\n', ';'), maxLength: 6 });
const table = fc.integer({ min: 1, max: 4 }).chain((columns) =>
  fc.record({
    columns: fc.constant(columns),
    rows: fc.array(
      fc.array(fc.tuple(cell, fc.boolean()), { minLength: columns, maxLength: columns }),
      { maxLength: 12 },
    ),
    end: fc.constantFrom('\n', '\r\n'),
    mark: fc.boolean(),
    lastEnd: fc.boolean(),
  }),
);

it('loadTables reads back every table that was written by the rules', async () => {
  await fc.assert(
    fc.asyncProperty(table, async ({ columns, rows, end, mark, lastEnd }) => {
      const lines = rows.map((row) => row.map(([text, quote]) => written(text, quote)).join(','));
      const header = Array.from({ length: columns }, (_, i) => `h${i}`).join(',');
      const content = (mark ? '\ufeff' : '') + [header, ...lines].join(end) + (lastEnd ? end : '');
      const { rows: found, rejected } = await load(content);
      // A row of one empty cell is written as nothing, and read as no row.
      const left = rows.filter((_, i) => lines[i] !== '');
      expect(found.map(([, ...cells]) => cells)).toEqual(
        left.map((row) => row.map(([text]) => (text === '' ? null : text))),
      );
      expect(rejected).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

it('loadTables puts every line of any text into a row or a reject, whatever its quotes', async () => {
  const unit = fc.constantFrom('a', '"', ',', '\n', '\r\n', '""', 'x,y\n', '\r');
  await fc.assert(
    fc.asyncProperty(fc.string({ unit, maxLength: 60 }), async (body) => {
      const { rows, rejected } = await load(`h0,h1\n${body}`);
      const lines = body.split('\n');
      const covered = new Set<number>(rejected.map(([line]) => line));
      for (const [line, ...cells] of rows) {
        expect(cells.length).toBeGreaterThanOrEqual(2);
        // Cells beyond the header's are blank in every row.
        expect(cells.slice(2).filter((cell) => cell !== null)).toEqual([]);
        // A row takes as many lines as its cells have line ends.
        const taken = cells.join('').split('\n').length;
        for (let i = 0; i < taken; i++) covered.add(Number(line) + i);
      }
      lines.forEach((line, i) => {
        if (line.replace(/\r$/, '') !== '') expect([...covered]).toContain(i + 2);
      });
      // No line is both.
      for (const [line] of rejected) {
        expect(rows.map(([at]) => at)).not.toContain(line);
      }
    }),
    { numRuns: 25 },
  );
});

it('scanRecords finds the same records whatever the pieces it is handed', () => {
  const unit = fc.constantFrom('a', '"', ',', '\n', '\r\n', '""', 'é');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80 }), fc.nat(80), (text, cut) => {
      const bytes = Buffer.from(text);
      const shape = { delimiter: 44, cells: 2 };
      const whole = scanRecords(bytes, shape, { last: true });
      const first = scanRecords(bytes.subarray(0, cut), shape, { last: cut >= bytes.length });
      const rest = scanRecords(bytes.subarray(first.used), shape, { last: true });
      const shifted = rest.starts.map((start) => start + first.used);
      const all = cut >= bytes.length ? first.starts : [...first.starts, ...shifted];
      const faults = cut >= bytes.length ? first.faults : [...first.faults, ...rest.faults];
      expect(all).toEqual(whole.starts);
      expect(faults).toEqual(whole.faults);
    }),
    { numRuns: 500 },
  );
});

it('cellsOfRecord undoes the quoting', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, fc.boolean()), { minLength: 1, maxLength: 5 }), (cells) => {
      const record = cells.map(([text, quote]) => written(text, quote)).join(',');
      expect(cellsOfRecord(record, ',')).toEqual(cells.map(([text]) => text));
    }),
  );
});

it('a line longer than any record is rejected once, and the rows around it are kept', async () => {
  const { rows, rejected } = await load(`a,b\n1,2\n3,${'x'.repeat(9_000_000)}\n5,6\n`);
  expect(rows).toEqual([
    [2, '1', '2'],
    [4, '5', '6'],
  ]);
  expect(rejected).toEqual([[3, 'longer than 2 MB']]);
});

it('a quote left open rejects its own line and no other, however far the next quote is', async () => {
  const many = Array.from({ length: 90_000 }, (_, i) => `r${i},some text that is long`);
  const { rows, rejected } = await load(
    ['a,b', 'x,"open', ...many, 'y,"shut"', ...many, ''].join('\n'),
  );
  expect(rejected).toEqual([[2, RECORD_FAULTS[5]]]);
  expect(rows).toHaveLength(180_001);
  expect(rows[90_000]).toEqual([90_003, 'y', 'shut']);
});
