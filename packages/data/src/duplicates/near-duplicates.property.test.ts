import { streamOf, type RandomStream } from '@janus/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hashDistance, nearDuplicateClusters } from './near-duplicates.js';

/** The obvious version: every pair, joined by giving the smaller number to all of the other's. */
function clustersOf(hashes: BigUint64Array, maxDistance: number): Int32Array {
  const cluster = Int32Array.from(hashes, (_, i) => i);
  hashes.forEach((a, i) => {
    hashes.subarray(0, i).forEach((b, j) => {
      let differing = 0;
      for (let rest = a ^ b; rest > 0n; rest &= rest - 1n) differing += 1;
      const [own, other] = [cluster[i] ?? 0, cluster[j] ?? 0];
      if (differing > maxDistance || own === other) return;
      const smaller = Math.min(own, other);
      cluster.forEach((each, k) => {
        if (each === own || each === other) cluster[k] = smaller;
      });
    });
  });
  return cluster;
}

const bit = (at: number): bigint => 1n << BigInt(at);
const random = (stream: RandomStream): bigint =>
  (BigInt(stream.integer(2 ** 32)) << 32n) | BigInt(stream.integer(2 ** 32));
const flipped = (hash: bigint, bits: number, stream: RandomStream): bigint => {
  let result = hash;
  for (let i = 0; i < bits; i++) result ^= bit(stream.integer(64));
  return result;
};

/** Makers of hashes as sets of images have them, each after those made before. */
const KINDS: Readonly<Record<string, (before: readonly bigint[], stream: RandomStream) => bigint>> =
  {
    random: (_, stream) => random(stream),
    copies: (before, stream) => before[stream.integer(before.length + 1)] ?? random(stream),
    'near copies': (before, stream) =>
      flipped(before[stream.integer(2 * before.length + 1)] ?? random(stream), 11, stream),
    chains: (before, stream) => flipped(before.at(-1) ?? 0n, 1 + stream.integer(6), stream),
    'few bits set': (_, stream) => flipped(0n, 9, stream),
    'one band only': (_, stream) => BigInt(stream.integer(4096)) << 30n,
  };

const made = (kind: string, count: number, seed: number): BigUint64Array => {
  const stream = streamOf(seed, kind, count);
  const list: bigint[] = [];
  while (list.length < count) list.push(KINDS[kind]?.(list, stream) ?? 0n);
  return BigUint64Array.from(list);
};

it('clusters are those that comparing all pairs gives', () => {
  fc.assert(
    fc.property(
      fc.record({
        kind: fc.constantFrom(...Object.keys(KINDS)),
        count: fc.nat(120),
        distance: fc.nat(10),
        seed: fc.nat(),
      }),
      ({ kind, count, distance, seed }) => {
        const hashes = made(kind, count, seed);
        expect(nearDuplicateClusters(hashes, distance)).toEqual(clustersOf(hashes, distance));
      },
    ),
    { numRuns: 200 },
  );
});

it.each(Object.keys(KINDS))(
  'clusters of 2,000 hashes (%s), which are grouped several times, are those of all pairs',
  (kind) => {
    const hashes = made(kind, 2000, 7);
    const words = new Uint32Array(hashes.buffer);
    for (const distance of [1, 4, 10]) {
      // All pairs again, in plain loops that take a fraction of a second.
      const cluster = Int32Array.from(hashes, (_, i) => i);
      const rootOf = (i: number): number => {
        let at = i;
        while (cluster[at] !== at) at = cluster[at] ?? 0;
        return at;
      };
      for (let i = 0; i < 2000; i++) {
        for (let j = 0; j < i; j++) {
          let differing = 0;
          for (const half of [0, 1]) {
            let rest = (words[2 * i + half] ?? 0) ^ (words[2 * j + half] ?? 0);
            for (; rest !== 0 && differing <= distance; rest &= rest - 1) differing += 1;
          }
          if (differing > distance) continue;
          const [a, b] = [rootOf(i), rootOf(j)];
          cluster[Math.max(a, b)] = Math.min(a, b);
        }
      }
      const expected = cluster.map((_, i) => rootOf(i));
      expect(nearDuplicateClusters(hashes, distance), `distance ${distance}`).toEqual(expected);
    }
  },
);

it('a cluster is named by its smallest index, and its hashes need not all be near each other', () => {
  const hashes = BigUint64Array.of(0xffn << 40n, 0n, 0x3n, 0xfn, 0n);
  expect([...nearDuplicateClusters(hashes, 2)]).toEqual([0, 1, 1, 1, 1]);
  expect([...nearDuplicateClusters(hashes, 1)]).toEqual([0, 1, 2, 3, 1]);
  expect([...nearDuplicateClusters(hashes, 0)]).toEqual([0, 1, 2, 3, 1]);
  expect([...nearDuplicateClusters(new BigUint64Array(0), 4)]).toEqual([]);
});

it('many equal hashes and many hashes of one cluster are not compared with each other', () => {
  // 100,000 equal ones and 50,000 in one dense ball: all pairs would be 11 thousand million.
  const stream = streamOf(3, 'dense');
  const hashes = BigUint64Array.from({ length: 150_000 }, (_, i) =>
    i % 3 > 0 ? 5n : BigInt(stream.integer(2 ** 17)) << 20n,
  );
  const clusters = nearDuplicateClusters(hashes, 4);
  // Random numbers of 17 bits that hit two in five of all values leave no hole that parts them.
  expect(new Set(clusters)).toEqual(new Set([0]));
});

it('a distance that is none is refused', () => {
  for (const distance of [-1, 33, 1.5, NaN]) {
    expect(() => nearDuplicateClusters(new BigUint64Array(2), distance)).toThrow(
      /maxDistance must be a whole number from 0 to 32/,
    );
  }
});

it('hashDistance counts the bits in which two hashes differ', () => {
  expect(hashDistance(0n, 0xffffffffffffffffn)).toBe(64);
  expect(hashDistance(0x8000000000000001n, 1n)).toBe(1);
  expect(hashDistance(0xf0f0n, 0x0f0fn)).toBe(16);
});
