import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { newRow, type ManifestRow } from './manifest-row.js';
import { manifestHash } from './manifest.js';

/** The definition, as short as it can be written: one sorted line a row. */
function slowHash(rows: readonly ManifestRow[]): string {
  const lines = rows.map(({ id, path, sha256, status, split, identity, labels }) =>
    JSON.stringify([id, sha256 ?? path, status, split, identity, Object.entries(labels).sort()]),
  );
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
}

const row = (id: string, labels: ManifestRow['labels'] = {}): ManifestRow =>
  newRow({ id, path: `${id}.jpg`, labels });

it('manifestHash is that of the sorted lines, whatever the ids and the order of the rows', () => {
  const ids = [
    'b',
    'a',
    'a b',
    'a!',
    'a"',
    'a\\',
    'ab',
    'a\n',
    '😀',
    '\uffee',
    '\u001f',
    'Ä',
    '',
    '1',
  ];
  const rows = ids.map((id, i) => row(id, { sex: i % 2 === 0 ? 'f' : null, age: i / 3 }));
  expect(manifestHash(rows)).toBe(slowHash(rows));
  expect(manifestHash([...rows].reverse())).toBe(slowHash(rows));
  const sorted = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(manifestHash(sorted)).toBe(slowHash(rows));
  expect(manifestHash([])).toBe(slowHash([]));
});

it('manifestHash does not depend on the order of the labels, nor on which a row has', () => {
  const rows = [
    row('a', { b: 1, 'a b': 'x', a: 'y', 'a,b': 3, ab: null }),
    row('b', { a: 'y', b: 2 }),
    row('c', { b: 2, a: 'y' }),
    row('d'),
  ];
  expect(manifestHash(rows)).toBe(slowHash(rows));
  expect(manifestHash([row('x', { a: 1, b: 2 })])).toBe(manifestHash([row('x', { b: 2, a: 1 })]));
});

it('manifestHash changes with each thing that training depends on, and with nothing else', () => {
  const base = row('a', { sex: 'f' });
  const hash = manifestHash([base]);
  for (const change of [
    { id: 'b' },
    { path: 'other.jpg' },
    { sha256: '00' },
    { status: 'removed' },
    { split: 'test' },
    { identity: 'p' },
    { labels: { sex: 'm' } },
  ] as const) {
    expect(manifestHash([{ ...base, ...change }]), JSON.stringify(change)).not.toBe(hash);
  }
  for (const change of [{ width: 4 }, { phash: 'ff' }, { url: 'http://x' }] as const) {
    expect(manifestHash([{ ...base, ...change }])).toBe(hash);
  }
});
