import { expect, test } from 'vitest';
import { judgeSame, type SameRules } from './same-images.js';

interface Each {
  readonly file: number;
  readonly hash: bigint;
  readonly area?: number;
  readonly label?: bigint;
}

const RULES: SameRules = { duplicates: true, nearDuplicates: 2, conflicts: 'remove-all' };

function judge(images: readonly Each[], rules: Partial<SameRules> = {}, labelled = false) {
  const digests = new Uint32Array(images.flatMap(({ file }) => [7, 7, 7, file]));
  return judgeSame(
    {
      digests,
      hashes: BigUint64Array.from(images, ({ hash }) => hash),
      areas: Float64Array.from(images, ({ area = 1 }) => area),
      labels: labelled ? BigUint64Array.from(images, ({ label = 0n }) => label) : null,
    },
    { ...RULES, ...rules },
  );
}

const SET: readonly Each[] = [
  { file: 1, hash: 0n, area: 4 },
  { file: 2, hash: 0b11n, area: 9 },
  { file: 1, hash: 0n, area: 4 },
  { file: 3, hash: 0xffffn },
  { file: 4, hash: 0xffffn },
];

test('of byte-identical images the first stays, of near ones the largest, or the first', () => {
  expect(judge(SET)).toEqual({
    reasons: ['near duplicate', 'kept', 'duplicate', 'kept', 'near duplicate'],
    conflicts: null,
  });
});

test('near duplicates stay where they are not asked for, and where they are farther apart', () => {
  expect(judge(SET, { nearDuplicates: null }).reasons).toEqual([
    ...['kept', 'kept', 'duplicate', 'kept', 'kept'],
  ]);
  expect(judge(SET, { nearDuplicates: 1 }).reasons).toEqual([
    ...['kept', 'kept', 'duplicate', 'kept', 'near duplicate'],
  ]);
  expect(judge(SET, { nearDuplicates: null, duplicates: false }).reasons).toEqual(
    SET.map(() => 'kept'),
  );
});

const CONTRADICTING: readonly Each[] = [
  { file: 1, hash: 0n, label: 1n },
  { file: 1, hash: 0n, label: 2n },
  { file: 1, hash: 0n, label: 1n },
  { file: 2, hash: 1n, label: 2n, area: 50 },
  { file: 3, hash: 0xff00n, label: 5n },
  { file: 3, hash: 0xff00n, label: 5n },
];

test('contradicting labels: all go, by bytes alone or by near hashes too', () => {
  const all = judge(CONTRADICTING, {}, true);
  expect(all.conflicts).toEqual({ groups: 1, images: 4, shown: [[0, 1, 2, 3]] });
  expect(all.reasons).toEqual([
    ...Array.from({ length: 4 }, () => 'conflicting labels'),
    ...['kept', 'duplicate'],
  ]);
  const bytes = judge(CONTRADICTING, { nearDuplicates: null }, true);
  expect(bytes.conflicts).toMatchObject({ groups: 1, images: 3 });
  expect(bytes.reasons[3]).toBe('kept');
});

test('contradicting labels: the first stays, whatever the sizes', () => {
  expect(judge(CONTRADICTING, { conflicts: 'keep-first' }, true).reasons).toEqual([
    ...['kept', 'conflicting labels', 'duplicate', 'conflicting labels', 'kept', 'duplicate'],
  ]);
});

test('contradicting labels: counted only, and the rules for duplicates decide', () => {
  const { reasons, conflicts } = judge(CONTRADICTING, { conflicts: 'report' }, true);
  expect(conflicts).toMatchObject({ groups: 1, images: 4 });
  expect(reasons).toEqual([
    ...['near duplicate', 'duplicate', 'duplicate', 'kept', 'kept', 'duplicate'],
  ]);
});

test('digests that differ in one of their four numbers are different files', () => {
  const digests = Uint32Array.from([1, 2, 3, 4, 1, 2, 3, 5, 1, 2, 3, 4]);
  const { reasons } = judgeSame(
    {
      digests,
      hashes: BigUint64Array.from([0n, 1n << 40n, 0n]),
      areas: new Float64Array(3),
      labels: null,
    },
    { ...RULES, nearDuplicates: null },
  );
  expect(reasons).toEqual(['kept', 'kept', 'duplicate']);
});
