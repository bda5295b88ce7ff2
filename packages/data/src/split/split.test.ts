import fc from 'fast-check';
import { hashOfText } from '@janus/core';
import { expect, it } from 'vitest';
import { assignSplits, type SplitAssignment } from './assign-splits.js';
import { newRow, type ManifestRow } from '../manifest/manifest-row.js';
import { partInFold } from './split-parts.js';
import type { SplitName } from '../manifest/split-name.js';
import type { SplitOptions } from './split-options.js';

const OPTIONS: SplitOptions = { stratify: ['kind'] };

const hex = (value: bigint): string => value.toString(16).padStart(16, '0');

/** Rows in which people, images and near duplicates repeat across each other. */
const rowsArbitrary = fc
  .array(
    fc.record({
      person: fc.option(fc.nat(60)),
      kind: fc.constantFrom('a', 'b'),
      age: fc.integer({ min: 20, max: 24 }),
      image: fc.nat(200),
      look: fc.option(fc.nat(90)),
      split: fc.option(fc.constantFrom('train', 'validation', 'test' as const)),
    }),
    { minLength: 1, maxLength: 120 },
  )
  .map((list) =>
    list.map(({ person, kind, age, image, look, split }, i): ManifestRow =>
      newRow({
        id: `r${i}`,
        path: `${i}.jpg`,
        identity: person === null ? null : `p${person}`,
        sha256: `sha${image}`,
        // Looks are 16 bits apart; the lowest bits vary from row to row.
        phash:
          look === null ? null : hex((BigInt(hashOfText(`look ${look}`)) << 32n) | BigInt(i % 4)),
        split,
        labels: { kind, age },
      }),
    ),
  );

const splitOf = (assignment: ReadonlyMap<string, SplitAssignment>, row: ManifestRow) =>
  assignment.get(row.id)?.split;

it('a split is a partition that keeps people, copies and near duplicates together', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.nat(3), (rows, seed) => {
      const assignment = assignSplits(rows, { ...OPTIONS, seed });
      expect(assignment.size).toBe(rows.length);
      for (const key of ['identity', 'sha256', 'phash'] as const) {
        const parts = new Map<string, unknown>();
        for (const row of rows) {
          const split = splitOf(assignment, row);
          expect(split).toMatch(/^(train|validation|test)$/);
          // Two bits differ at most within a look.
          const value = key === 'phash' ? row.phash?.slice(0, 8) : row[key];
          if (value === null || value === undefined) continue;
          expect(parts.get(value) ?? split, `${key} ${value}`).toBe(split);
          parts.set(value, split);
        }
      }
    }),
  );
});

const optionsArbitrary: fc.Arbitrary<SplitOptions> = fc.oneof(
  fc.record({
    seed: fc.nat(5),
    stratify: fc.subarray(['kind', 'age']),
    group: fc.subarray(['identity', 'age']),
    nearDuplicates: fc.constantFrom(0, 4),
    keep: fc.subarray<SplitName>(['train', 'validation', 'test']),
  }),
  fc.record({
    seed: fc.nat(5),
    balance: fc.constant('kind'),
    folds: fc.integer({ min: 3, max: 6 }),
  }),
);

it('a split of any options does not depend on the order of the rows', () => {
  fc.assert(
    fc.property(rowsArbitrary, optionsArbitrary, (rows, options) => {
      const forward = assignSplits(rows, options);
      const backward = assignSplits([...rows].reverse(), options);
      for (const row of rows) expect(backward.get(row.id)).toEqual(forward.get(row.id));
    }),
  );
});

it('each stratum of several columns is spread in the asked shares; another seed gives another split', () => {
  const rows = Array.from({ length: 400 }, (_, i) =>
    newRow({ id: `r${i}`, path: `${i}`, labels: { kind: i % 4 === 0 ? 'a' : 'b', half: i % 2 } }),
  );
  const options = { stratify: ['kind', 'half'] };
  const first = assignSplits(rows, options);
  for (const [kind, half] of [
    ['a', 0],
    ['b', 0],
    ['b', 1],
  ]) {
    const own = rows.filter(({ labels }) => labels['kind'] === kind && labels['half'] === half);
    for (const name of ['validation', 'test']) {
      const count = own.filter((row) => splitOf(first, row) === name).length;
      // The greedy assignment misses a share by less than one row.
      expect(Math.abs(count - 0.15 * own.length)).toBeLessThanOrEqual(1);
    }
  }
  const second = assignSplits(rows, { ...options, seed: 2 });
  expect(rows.some((row) => splitOf(first, row) !== splitOf(second, row))).toBe(true);
});

it('strata that are too small for three parts are dealt as one', () => {
  // 100 birth years with three people each: one by one, none of them would ever reach the test part.
  const rows = Array.from({ length: 300 }, (_, i) =>
    newRow({ id: `r${i}`, path: `${i}`, labels: { born: 1900 + (i % 100) } }),
  );
  const assignment = assignSplits(rows, { stratify: ['born'] });
  for (const name of ['validation', 'test'] as const) {
    const own = rows.filter((row) => splitOf(assignment, row) === name);
    expect(own).toHaveLength(45);
    const early = own.filter((row) => Number(row.labels['born']) < 1950).length;
    // Half of the years, give or take one row for the start and one for the end.
    expect(Math.abs(early - 22.5)).toBeLessThanOrEqual(2);
  }
});

/** How the first version of this package split: whole strings, one group after the other. */
function firstVersion(rows: readonly ManifestRow[], seed: number): Map<string, string> {
  const nameOf = (row: ManifestRow): string => row.identity ?? `image ${row.sha256 ?? row.id}`;
  const groups = [...new Set(rows.map(nameOf))].map((name) => {
    const own = rows.filter((row) => nameOf(row) === name);
    const stratum = own.map((row) => String(row.labels['kind'])).sort()[0] ?? '';
    return { name, stratum, size: own.length, key: hashOfText(`${seed}/split/${name}`) };
  });
  const chosen = new Map<string, string>();
  const shares = { train: 1 - 0.15 - 0.15, validation: 0.15, test: 0.15 };
  for (const stratum of ['a', 'b']) {
    const counts = { train: 0, validation: 0, test: 0 };
    let total = 0;
    const own = groups.filter((each) => each.stratum === stratum);
    for (const each of own.sort((a, b) => a.key - b.key || (a.name < b.name ? -1 : 1))) {
      total += each.size;
      const lack = (part: SplitName): number => shares[part] * total - counts[part];
      let best: SplitName = 'train';
      for (const part of ['validation', 'test'] as const) if (lack(part) > lack(best)) best = part;
      counts[best] += each.size;
      chosen.set(each.name, best);
    }
  }
  return new Map(rows.map((row) => [row.id, chosen.get(nameOf(row)) ?? '']));
}

it('a seed gives the split that it gave in the first version', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.nat(5), (list, seed) => {
      // Only what that version knew: no near duplicates, no image of two people. And ten more of each
      // kind, since it dealt strata of up to six rows to train alone.
      const more = Array.from({ length: 20 }, (_, i) =>
        newRow({ id: `m${i}`, path: '', labels: { kind: i % 2 === 0 ? 'a' : 'b' } }),
      );
      const rows = list
        .map((row) => ({ ...row, sha256: row.identity === null ? row.sha256 : null }))
        .concat(more);
      const assignment = assignSplits(rows, { ...OPTIONS, seed, nearDuplicates: 0 });
      const expected = firstVersion(rows, seed);
      for (const row of rows) expect(splitOf(assignment, row)).toBe(expected.get(row.id));
    }),
  );
});

it('balancing removes the surplus by whole groups, and balances every split', () => {
  // 40 people with five images of kind a, 30 with three of kind b: 200 against 90.
  const rows = Array.from({ length: 290 }, (_, i) =>
    newRow({
      id: `r${i}`,
      path: `${i}`,
      identity: i < 200 ? `a${i % 40}` : `b${i % 30}`,
      labels: { kind: i < 200 ? 'a' : 'b' },
    }),
  );
  const assignment = assignSplits(rows, { balance: 'kind' });
  const of = (kind: string, part?: string): ManifestRow[] =>
    rows.filter((row) => {
      const split = splitOf(assignment, row);
      return row.labels['kind'] === kind && (part === undefined ? split !== null : split === part);
    });
  expect(of('a')).toHaveLength(90);
  expect(of('b')).toHaveLength(90);
  expect(new Set(of('a').map((row) => row.identity)).size).toBe(90 / 5);
  for (const part of ['train', 'validation', 'test']) {
    // Groups of five and three: a share is missed by less than one group of each.
    expect(Math.abs(of('a', part).length - of('b', part).length)).toBeLessThan(8);
  }
  const reasons = rows.map((row) => assignment.get(row.id)?.reason);
  expect(reasons.filter((reason) => reason === 'balance')).toHaveLength(110);
});

it('rows without a class are neither balanced nor removed', () => {
  const kinds = ['a', 'a', 'a', 'b', null, null, null, null];
  const rows = kinds.map((kind, i) => newRow({ id: `r${i}`, path: `${i}`, labels: { kind } }));
  const assignment = assignSplits(rows, { balance: 'kind' });
  const left = kinds.filter((_, i) => assignment.get(`r${i}`)?.split !== null);
  expect(left.sort()).toEqual(['a', 'b', null, null, null, null]);
});

it('folds are even in every stratum, keep groups together, and turn into parts run by run', () => {
  const rows = Array.from({ length: 300 }, (_, i) =>
    newRow({ id: `r${i}`, path: `${i}`, identity: `p${i % 150}`, labels: { kind: i % 3 } }),
  );
  const assignment = assignSplits(rows, { stratify: ['kind'], folds: 5 });
  const foldOf = (i: number): number => assignment.get(`r${i}`)?.fold ?? -1;
  for (let fold = 0; fold < 5; fold++) {
    for (const kind of [0, 1, 2]) {
      const own = rows.filter((row, i) => foldOf(i) === fold && row.labels['kind'] === kind);
      expect(own).toHaveLength(20);
    }
  }
  rows.forEach((row, i) => {
    expect(foldOf(i)).toBe(foldOf((i + 150) % 300));
    expect(splitOf(assignment, row)).toBe(partInFold(foldOf(i), 0, 5));
  });
  const runs = [0, 1, 2, 3, 4].map((run) => partInFold(1, run, 5));
  expect(runs).toEqual(['validation', 'test', 'train', 'train', 'train']);
});

it('folds differ by one row at most, however many strata there are', () => {
  const rows = Array.from({ length: 403 }, (_, i) =>
    newRow({ id: `r${i}`, path: `${i}`, labels: { born: 1950 + (i % 31) } }),
  );
  const assignment = assignSplits(rows, { stratify: ['born'], folds: 5 });
  const sizes = [0, 0, 0, 0, 0];
  for (const { fold } of assignment.values()) sizes[fold ?? 0] = (sizes[fold ?? 0] ?? 0) + 1;
  expect(sizes.sort()).toEqual([80, 80, 81, 81, 81]);
});

it('kept parts stay, what is like them follows, and the rest fills the other parts', () => {
  const rows = Array.from({ length: 200 }, (_, i) =>
    newRow({
      id: `r${i}`,
      path: `${i}`,
      identity: `p${i % 180}`,
      split: i < 40 ? 'test' : 'train',
      labels: {},
    }),
  );
  const assignment = assignSplits(rows, { keep: ['test'], validation: 0.17, test: 0.15 });
  const parts = rows.map((row) => splitOf(assignment, row));
  expect(parts.slice(0, 40).every((part) => part === 'test')).toBe(true);
  // Rows 180 to 199 are the people of rows 0 to 19.
  expect(parts.slice(180).every((part) => part === 'test')).toBe(true);
  const count = (name: string): number => parts.filter((part) => part === name).length;
  // 140 free rows among train and validation, 0.68 to 0.17.
  expect([count('train'), count('validation'), count('test')]).toEqual([112, 28, 60]);
});

it('dropLeaks removes from train what is in the kept test part', () => {
  const rows = ['train', 'train', 'validation', 'test'].map((split, i) =>
    newRow({
      id: `r${i}`,
      path: `${i}`,
      sha256: i === 1 ? 'other' : 'same',
      split: split as SplitName,
      labels: {},
    }),
  );
  const assignment = assignSplits(rows, { keep: ['train', 'validation', 'test'], dropLeaks: true });
  expect(rows.map(({ id }) => assignment.get(id)?.split)).toEqual([null, 'train', null, 'test']);
  expect(rows.map(({ id }) => assignment.get(id)?.reason)).toEqual(['leak', null, 'leak', null]);
});

it('options that break a rule or exclude each other are refused', () => {
  for (const [options, message] of [
    [{ validation: 0.5, test: 0.5 }, /leave rows to train on/],
    [{ nearDuplicates: 33 }, /nearDuplicates must be a whole number of bits from 0 to 32/],
    [{ folds: 2 }, /folds must be a whole number from 3 to 1000/],
    [{ folds: 5, keep: ['test'] }, /folds assign every row, but keep asks for test to stay/],
    [{ dropLeaks: true, keep: ['test'] }, /dropLeaks needs at least two splits in keep, but got 1/],
  ] satisfies readonly (readonly [SplitOptions, RegExp])[]) {
    expect(() => assignSplits([], options)).toThrow(message);
  }
});
