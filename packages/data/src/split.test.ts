import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newRow } from './importing.js';
import type { ManifestRow } from './manifest.js';
import { assignSplits } from './split.js';

const OPTIONS = { validation: 0.15, test: 0.15, seed: 1, stratify: ['kind'], group: 'identity' };

const rowsArbitrary = fc
  .array(fc.record({ person: fc.nat(40), kind: fc.constantFrom('a', 'b') }), {
    minLength: 1,
    maxLength: 120,
  })
  .map((list) =>
    list.map(({ person, kind }, i): ManifestRow =>
      newRow({ id: `r${i}`, path: `${i}.jpg`, identity: `p${person}`, labels: { kind } }),
    ),
  );

it('a split is a partition that keeps people together', () => {
  fc.assert(
    fc.property(rowsArbitrary, (rows) => {
      const assignment = assignSplits(rows, OPTIONS);
      expect(assignment.size).toBe(rows.length);
      const byPerson = new Map<string | null, string | undefined>();
      for (const row of rows) {
        const split = assignment.get(row.id);
        expect(byPerson.get(row.identity) ?? split).toBe(split);
        byPerson.set(row.identity, split);
      }
    }),
  );
});

it('a split does not depend on the order of the rows', () => {
  fc.assert(
    fc.property(rowsArbitrary, (rows) => {
      const forward = assignSplits(rows, OPTIONS);
      const backward = assignSplits([...rows].reverse(), OPTIONS);
      for (const row of rows) expect(backward.get(row.id)).toBe(forward.get(row.id));
    }),
  );
});

it('each stratum is spread in the asked shares, and another seed gives another split', () => {
  const rows = Array.from({ length: 400 }, (_, i) =>
    newRow({ id: `r${i}`, path: `${i}`, labels: { kind: i % 4 === 0 ? 'a' : 'b' } }),
  );
  const first = assignSplits(rows, OPTIONS);
  for (const kind of ['a', 'b']) {
    const own = rows.filter((row) => row.labels['kind'] === kind);
    const test = own.filter((row) => first.get(row.id) === 'test').length;
    // The greedy assignment misses a share by less than one row.
    expect(Math.abs(test - 0.15 * own.length)).toBeLessThanOrEqual(1);
  }
  const second = assignSplits(rows, { ...OPTIONS, seed: 2 });
  expect(rows.some((row) => first.get(row.id) !== second.get(row.id))).toBe(true);
});
