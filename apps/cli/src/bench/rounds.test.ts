import { expect, it } from 'vitest';
import type { Failure, Measurement } from './programs.js';
import { compareInRounds, ratioOf, type ComparisonResult } from './rounds.js';

const found = (value: number): Measurement => ({ peer: 'x', config: {}, value, peakRssMb: 1 });

interface Setup {
  readonly rounds: number;
  readonly classes: readonly { readonly name: string; readonly candidates: readonly string[] }[];
  /** Seconds per step by candidate and round; text is a failure. */
  readonly theirs: Readonly<Record<string, readonly (number | string)[]>>;
  /** Seconds of the first step by candidate; text is a failure, a candidate without one is not tried. */
  readonly first?: Readonly<Record<string, number | string>>;
}

/** Compares with a program of 1 s per step; `order` lists who ran when. */
async function compare(
  setup: Setup,
): Promise<{ result: ComparisonResult<string>; order: readonly string[] }> {
  const order: string[] = [];
  const turn = new Map<string, number>();
  const result = await compareInRounds<string>({
    unit: 's/step',
    rounds: setup.rounds,
    classes: setup.classes,
    ours: () => {
      order.push('ours');
      return Promise.resolve(found(1));
    },
    theirs: (candidate): Promise<Measurement | Failure> => {
      order.push(candidate);
      const round = turn.get(candidate) ?? 0;
      turn.set(candidate, round + 1);
      const next = setup.theirs[candidate]?.[round] ?? NaN;
      return Promise.resolve(typeof next === 'string' ? { reason: next } : found(next));
    },
    firstStep: (candidate) => {
      const next = setup.first?.[candidate];
      if (next === undefined) return undefined;
      order.push(`first ${candidate}`);
      return Promise.resolve(typeof next === 'string' ? { reason: next } : found(next));
    },
  });
  return { result, order };
}

it('ratioOf is above 1 when ours is faster, in images per second and in seconds per step', () => {
  expect(ratioOf('img/s', 30, 20)).toBe(1.5);
  expect(ratioOf('s/step', 2, 3)).toBe(1.5);
});

it('compareInRounds measures ours before each of theirs, in every round', async () => {
  const { order } = await compare({
    rounds: 2,
    classes: [{ name: 'default', candidates: ['a'] }],
    theirs: { a: [1, 1] },
  });
  expect(order).toEqual(['ours', 'a', 'ours', 'a']);
});

it('compareInRounds takes the fastest of a class, and runs one that is in two classes once', async () => {
  const { order, result } = await compare({
    rounds: 3,
    classes: [
      { name: 'default', candidates: ['a'] },
      { name: 'best', candidates: ['a', 'b', 'c'] },
    ],
    theirs: { a: [3, 3, 3], b: [1.1, 1.2, 1.0], c: [1.05, 1.1, 1.1] },
  });
  expect(order.filter((each) => each !== 'ours').join('')).toBe('abcabcabc');
  const [defaults, best] = result.classes;
  expect(defaults?.best?.candidate).toBe('a');
  expect(defaults?.best?.pairs.map(({ ratio }) => ratio)).toEqual([3, 3, 3]);
  // Medians: 1.1 and 1.1, in the order of the class.
  expect(best?.best?.candidate).toBe('b');
  expect(best?.others.map(({ candidate }) => candidate)).toEqual(['a', 'c']);
});

it('compareInRounds drops a candidate that two rounds show to be clearly slower, and not earlier', async () => {
  const { order, result } = await compare({
    rounds: 3,
    classes: [{ name: 'best', candidates: ['slow', 'disturbed', 'fast'] }],
    theirs: { slow: [2, 2], disturbed: [9, 1, 1], fast: [1.1, 1.1, 1.1] },
  });
  const theirs = order.filter((each) => each !== 'ours');
  expect(theirs.slice(6)).toEqual(['disturbed', 'fast']);
  expect(result.classes[0]?.best?.candidate).toBe('disturbed');
  expect(result.classes[0]?.others[0]).toMatchObject({ candidate: 'slow' });
  expect(result.classes[0]?.others[0]?.failure).toBeUndefined();
});

it('compareInRounds keeps the reason of a failure, does not run the candidate again, and takes another', async () => {
  const { order, result } = await compare({
    rounds: 2,
    classes: [{ name: 'best', candidates: ['broken', 'whole'] }],
    theirs: { broken: ['no compiler'], whole: [1, 1] },
  });
  expect(order).toEqual(['ours', 'broken', 'ours', 'whole', 'ours', 'whole']);
  expect(result.classes[0]?.best?.candidate).toBe('whole');
  expect(result.classes[0]?.others).toEqual([
    { candidate: 'broken', pairs: [], failure: 'no compiler' },
  ]);
});

it('compareInRounds measures ours alone without peers, once per round', async () => {
  const { order, result } = await compare({ rounds: 3, classes: [], theirs: {} });
  expect(order).toEqual(['ours', 'ours', 'ours']);
  expect(result.ours).toHaveLength(3);
});

it('compareInRounds has no best candidate in a class whose candidates all fail', async () => {
  const { result } = await compare({
    rounds: 3,
    classes: [{ name: 'best', candidates: ['a'] }],
    theirs: { a: [1, 'killed'] },
  });
  expect(result.classes[0]?.best).toBeUndefined();
  expect(result.classes[0]?.others[0]?.failure).toBe('killed');
  expect(result.ours).toHaveLength(2);
});

it('compareInRounds runs no round of what took ten times as long as the best for its first step', async () => {
  const { order, result } = await compare({
    rounds: 2,
    classes: [
      { name: 'default', candidates: ['f32'] },
      { name: 'best', candidates: ['f32', 'bf16', 'compiled', 'broken'] },
    ],
    theirs: { f32: [3, 3], compiled: [2, 2] },
    first: { f32: 3, bf16: 90, compiled: 29, broken: 'no compiler' },
  });
  expect(order).toEqual([
    ...['first f32', 'ours', 'first bf16', 'first compiled', 'first broken'],
    ...['ours', 'f32', 'ours', 'compiled', 'ours', 'f32', 'ours', 'compiled'],
  ]);
  const [defaults, best] = result.classes;
  expect(defaults?.best?.pairs.map(({ ratio }) => ratio)).toEqual([3, 3]);
  expect(best?.best?.candidate).toBe('compiled');
  // Its one step is what is listed.
  expect(best?.others.find(({ candidate }) => candidate === 'bf16')).toEqual({
    candidate: 'bf16',
    pairs: [{ ours: found(1), theirs: found(90), ratio: 90 }],
  });
  expect(best?.others.find(({ candidate }) => candidate === 'broken')).toEqual({
    candidate: 'broken',
    pairs: [],
    failure: 'no compiler',
  });
});

it('compareInRounds keeps the only candidate of a class, however slow it is in another class', async () => {
  const { order, result } = await compare({
    rounds: 1,
    classes: [
      { name: 'default', candidates: ['slow'] },
      { name: 'best', candidates: ['slow', 'fast'] },
    ],
    theirs: { slow: [50], fast: [1] },
    first: { slow: 50, fast: 1 },
  });
  expect(order.slice(3)).toEqual(['ours', 'slow', 'ours', 'fast']);
  expect(result.classes.map(({ best }) => best?.candidate)).toEqual(['slow', 'fast']);
});
