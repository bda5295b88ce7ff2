/**
 * Seconds and memory of the near-duplicate search over a million hashes: random ones of which every
 * hundredth is a copy with a few bits changed, and sets that are skewed as real ones are.
 *
 * node --import tsx --conditions=@janus/source benchmarks/near-duplicates.ts [--rows 1000000] [--distance 4] [--kind <name>]
 */
import { parseArgs } from 'node:util';
import { streamOf, type RandomStream } from '@janus/core';
import { nearDuplicateClusters } from '@janus/data';
import { peakRssMb } from './measure.js';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    distance: { type: 'string', default: '4' },
    kind: { type: 'string' },
  },
});
const [rows, distance] = [Number(values.rows), Number(values.distance)];

/** Sets words of hashes: one hash is two of them. */
type Fill = (words: Uint32Array, stream: RandomStream) => void;

const random: Fill = (words, stream) => {
  for (let i = 0; i < words.length; i++) words[i] = stream.integer(2 ** 32);
};

/** Changes `bits` different bits of a hash. */
function flip(words: Uint32Array, at: number, bits: readonly number[]): void {
  for (const bit of bits) {
    const word = 2 * at + (bit >> 5);
    words[word] = (words[word] ?? 0) ^ (1 << (bit & 31));
  }
}

const KINDS: Readonly<Record<string, Fill>> = {
  // Every hundredth hash is its predecessor with up to four bits changed.
  'random + 1 % near copies': (words, stream) => {
    random(words, stream);
    for (let at = 100; at < words.length / 2; at += 100) {
      words.copyWithin(2 * at, 2 * at - 2, 2 * at);
      flip(words, at, [stream.integer(16), 16 + stream.integer(16), 32 + stream.integer(32)]);
    }
  },
  // One in five is the same blank image.
  'random + 20 % equal': (words, stream) => {
    random(words, stream);
    for (let at = 0; at < words.length / 2; at += 5) words.fill(0x5555, 2 * at, 2 * at + 2);
  },
  // One in five is a nearly blank image: up to six bits away from one hash.
  'random + 20 % in one ball': (words, stream) => {
    random(words, stream);
    for (let at = 0; at < words.length / 2; at += 5) {
      words.fill(0x5555, 2 * at, 2 * at + 2);
      flip(
        words,
        at,
        Array.from({ length: stream.integer(7) }, () => stream.integer(64)),
      );
    }
  },
  // The bits of faces that all look one way: each is set with its own probability.
  'uneven bits': (words, stream) => {
    const chance = Array.from({ length: 64 }, (_, i) =>
      i % 4 === 0 ? 0.9 : 0.15 + 0.01 * (i % 32),
    );
    for (let at = 0; at < words.length / 2; at++) {
      flip(
        words,
        at,
        chance.flatMap((p, bit) => (stream.next() < p ? [bit] : [])),
      );
    }
  },
};

for (const [kind, fill] of Object.entries(KINDS)) {
  if (values.kind !== undefined && values.kind !== kind) continue;
  const hashes = new BigUint64Array(rows);
  fill(new Uint32Array(hashes.buffer), streamOf(1, kind));
  const began = performance.now();
  const clusters = nearDuplicateClusters(hashes, distance);
  const seconds = (performance.now() - began) / 1000;
  const found = new Set(clusters).size;
  process.stdout.write(
    `${kind}: ${rows} hashes, distance ${distance}: ${seconds.toFixed(1)} s, ${found} clusters, peak ${peakRssMb()} MB\n`,
  );
}
