/**
 * Seeded streams of random numbers: sfc32, which is small and fast, has 128 bits of state and passes
 * PractRand. Source: Chris Doty-Humphrey, PractRand.
 */

/** The whole state of a stream: four unsigned 32-bit words. */
export type RandomState = readonly [number, number, number, number];

/** A seeded stream of random numbers whose state can be saved and restored. */
export interface RandomStream {
  /** Returns the next number, uniform in [0, 1), with 32 bits of resolution. */
  next(): number;
  /** Returns the next whole number, uniform in [0, limit); `limit` is from 1 to 2^32. */
  integer(limit: number): number;
  /** Returns the next standard normal number (Box-Muller, without its second value, which would be state). */
  normal(): number;
  /** Returns the state, for a checkpoint. */
  state(): RandomState;
}

/** Returns an unsigned 32-bit hash of a text (FNV-1a, then an avalanche). */
export function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Returns a stream that continues from a saved state. */
export function streamFromState(state: RandomState): RandomStream {
  let [a, b, c, counter] = state;
  const word = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  const next = (): number => word() / 4294967296;
  return {
    next,
    integer: (limit) => Math.floor(next() * limit),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    state: () => [a >>> 0, b >>> 0, c >>> 0, counter >>> 0],
  };
}

/**
 * Returns the stream of a seed and a name. Streams with different names are independent, so that a new
 * use of randomness does not shift the others.
 *
 * @param seed any whole number: the run's only seed
 * @param names the stream's purpose and object: `'split'`, or `'flip', epoch, id`
 */
export function streamOf(seed: number, ...names: readonly (string | number)[]): RandomStream {
  const text = `${seed}/${names.join('/')}`;
  const stream = streamFromState([
    hashOfText(`a${text}`),
    hashOfText(`b${text}`),
    hashOfText(`c${text}`),
    1,
  ]);
  for (let i = 0; i < 12; i++) stream.next();
  return stream;
}

/** Returns the numbers 0 to `length - 1` in an order drawn from `stream` (Fisher-Yates). */
export function permutationOf(length: number, stream: RandomStream): Uint32Array {
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = stream.integer(i + 1);
    const swapped = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = swapped;
  }
  return order;
}
