/** What a clean remembers of each image, in about 60 bytes. */

import type { Inspection } from './inspect-image.js';

const STATES = ['missing file', 'cannot be decoded', 'image'] as const;

/** Findings of a fixed number of images, in the order of the rows. */
export interface Findings {
  /**
   * Adds the next image, with the reason that removes it on its own account and a number that stands for
   * its labels.
   */
  add(found: Inspection, reason: string | null, labels: bigint): void;
  readonly size: () => number;
  readonly reasonOf: (i: number) => string | null;
  readonly setReason: (i: number, reason: string) => void;
  readonly stateOf: (i: number) => Inspection['kind'];
  /** Lower-case hexadecimal. */
  readonly sha256Of: (i: number) => string;
  readonly phashOf: (i: number) => bigint;
  readonly sizeOf: (i: number) => { readonly width: number; readonly height: number };
  readonly labelsOf: (i: number) => bigint;
  /** The first 128 bits of a sha256 as four numbers. */
  readonly copyDigest: (i: number, target: Uint32Array) => void;
}

/** Makes room for the findings of `capacity` images. */
export function createFindings(capacity: number): Findings {
  const states = new Uint8Array(capacity);
  const digests = new Uint8Array(32 * capacity);
  const hashes = new BigUint64Array(capacity);
  const sizes = new Uint32Array(2 * capacity);
  const labels = new BigUint64Array(capacity);
  const reasons = new Uint16Array(capacity);
  const texts: (string | null)[] = [null];
  const codes = new Map<string | null, number>([[null, 0]]);
  const codeOf = (reason: string | null): number => {
    const known = codes.get(reason);
    if (known !== undefined) return known;
    codes.set(reason, texts.length);
    return texts.push(reason) - 1;
  };
  let count = 0;
  return {
    add: (found, reason, label) => {
      const i = count++;
      states[i] = STATES.indexOf(found.kind);
      if (found.kind !== 'missing file') digests.set(found.sha256, 32 * i);
      if (found.kind === 'image') {
        hashes[i] = found.phash;
        sizes[2 * i] = found.width;
        sizes[2 * i + 1] = found.height;
      }
      labels[i] = label;
      reasons[i] = codeOf(reason);
    },
    size: () => count,
    reasonOf: (i) => texts[reasons[i] ?? 0] ?? null,
    setReason: (i, reason) => {
      reasons[i] = codeOf(reason);
    },
    stateOf: (i) => STATES[states[i] ?? 0] ?? 'missing file',
    sha256Of: (i) => Buffer.from(digests.buffer, 32 * i, 32).toString('hex'),
    phashOf: (i) => hashes[i] ?? 0n,
    sizeOf: (i) => ({ width: sizes[2 * i] ?? 0, height: sizes[2 * i + 1] ?? 0 }),
    labelsOf: (i) => labels[i] ?? 0n,
    copyDigest: (i, target) => {
      target.set(new Uint32Array(digests.buffer, 32 * i, 4));
    },
  };
}
