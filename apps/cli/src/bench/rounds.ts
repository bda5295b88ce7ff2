/** Measures two sides in alternation, and compares them round by round. */
import { medianOf, type BenchUnit } from '@janus/core';
import type { Failure, Measurement } from './programs.js';

/** Our side, and classes of a peer's configurations to compare it with. */
export interface Comparison<Candidate> {
  readonly unit: BenchUnit;
  /** Number of rounds, at least 1. */
  readonly rounds: number;
  /** Measures our side once; rejects when it has no result. */
  readonly ours: () => Promise<Measurement>;
  /** A candidate of several classes runs once per round. */
  readonly classes: readonly {
    readonly name: string;
    readonly candidates: readonly Candidate[];
  }[];
  /** Measures a candidate once. */
  readonly theirs: (candidate: Candidate) => Promise<Measurement | Failure>;
  /**
   * Measures one step of a candidate, before the rounds; `undefined` for one that is not tried first.
   * Default: none is.
   */
  readonly firstStep?: (candidate: Candidate) => Promise<Measurement | Failure> | undefined;
}

/** Two consecutive measurements, one of each side. */
export interface Pair {
  readonly ours: Measurement;
  readonly theirs: Measurement;
  /** Above 1 if ours is faster. */
  readonly ratio: number;
}

/** The measurements of one candidate. */
export interface CandidateResult<Candidate> {
  readonly candidate: Candidate;
  /** One per round in which it ran. */
  readonly pairs: readonly Pair[];
  /** Why it failed. */
  readonly failure?: string;
}

/** The outcome of one class. */
export interface ClassResult<Candidate> {
  readonly name: string;
  /** The fastest candidate; undefined when all failed. */
  readonly best: CandidateResult<Candidate> | undefined;
  readonly others: readonly CandidateResult<Candidate>[];
}

/** Result of {@link compareInRounds}. */
export interface ComparisonResult<Candidate> {
  /** Every measurement of our side, in order. */
  readonly ours: readonly Measurement[];
  readonly classes: readonly ClassResult<Candidate>[];
}

/** Returns how many times as fast our side is: above 1 if it is faster, whatever the unit. */
export function ratioOf(unit: BenchUnit, ours: number, theirs: number): number {
  return unit === 'img/s' ? ours / theirs : theirs / ours;
}

/**
 * A candidate whose best round is slower than the fastest of its class by this factor is dropped, after
 * {@link MIN_TRIALS} rounds: a single round may have been disturbed.
 */
const CLEARLY_SLOWER = 1.15;
const MIN_TRIALS = 2;

/**
 * A candidate whose first step is slower than the fastest of its class by this factor takes no part in
 * the rounds: bfloat16 on a processor without it takes minutes a step. Far above what disturbs one step.
 */
const HOPELESS = 10;

const ratioIn = (pairs: readonly Pair[]): number => medianOf(pairs.map(({ ratio }) => ratio));

/**
 * Measures the sides in alternation, ours before each of theirs (A B1 A B2 ...) in every round, so that
 * a machine that gets slower or faster affects both. Candidates that are clearly slower than the fastest
 * of their class after two rounds are dropped from the rest; those whose first step takes ten times as
 * long as their class's fastest run no round, and keep that step as their only pair.
 */
export async function compareInRounds<Candidate>(
  comparison: Comparison<Candidate>,
): Promise<ComparisonResult<Candidate>> {
  const { unit, rounds, ours, classes, theirs } = comparison;
  const pairs = new Map<Candidate, Pair[]>();
  for (const { candidates } of classes) for (const each of candidates) pairs.set(each, []);
  const failures = new Map<Candidate, string>();
  const turns: Measurement[] = [];
  const rivalsOf = (candidate: Candidate, among: readonly Candidate[]): readonly Candidate[][] =>
    classes
      .filter(({ candidates }) => candidates.includes(candidate))
      .map(({ candidates }) => candidates.filter((each) => among.includes(each)));
  const first = await firstSteps(comparison, failures);
  let running = [...pairs.keys()].filter((candidate) => {
    if (failures.has(candidate)) return false;
    const pair = first.get(candidate);
    if (pair === undefined) return true;
    const hopeless = rivalsOf(candidate, [...first.keys()]).every((rivals) => {
      const ratios = rivals.map((each) => first.get(each)?.ratio ?? Infinity);
      return pair.ratio > Math.min(...ratios) * HOPELESS;
    });
    if (hopeless) pairs.set(candidate, [pair]);
    return !hopeless;
  });
  for (let round = 0; round < rounds; round++) {
    if (pairs.size === 0) turns.push(await ours());
    for (const candidate of running) {
      const mine = await ours();
      turns.push(mine);
      const other = await theirs(candidate);
      if ('reason' in other) failures.set(candidate, other.reason);
      else {
        const ratio = ratioOf(unit, mine.value, other.value);
        pairs.get(candidate)?.push({ ours: mine, theirs: other, ratio });
      }
    }
    const able = running.filter((candidate) => !failures.has(candidate));
    running = able.filter((candidate) =>
      rivalsOf(candidate, able).some((rivals) => {
        const lowest = Math.min(...rivals.map((each) => ratioIn(pairs.get(each) ?? [])));
        const mine = (pairs.get(candidate) ?? []).map(({ ratio }) => ratio);
        return mine.length < MIN_TRIALS || Math.min(...mine) <= lowest * CLEARLY_SLOWER;
      }),
    );
  }
  const resultOf = (candidate: Candidate): CandidateResult<Candidate> => {
    const failure = failures.get(candidate);
    const found = pairs.get(candidate) ?? [];
    return { candidate, pairs: found, ...(failure === undefined ? {} : { failure }) };
  };
  return {
    ours: turns,
    classes: classes.map(({ name, candidates }) => {
      const results = candidates.map(resultOf);
      // The lowest ratio is the fastest candidate.
      const [best] = results
        .filter(({ candidate }) => running.includes(candidate))
        .sort((a, b) => ratioIn(a.pairs) - ratioIn(b.pairs));
      return { name, best, others: results.filter((each) => each !== best) };
    }),
  };
}

/** Measures ours, then one step of each candidate that a comparison tries first; notes failures. */
async function firstSteps<Candidate>(
  { unit, ours, classes, firstStep }: Comparison<Candidate>,
  failures: Map<Candidate, string>,
): Promise<ReadonlyMap<Candidate, Pair>> {
  const found = new Map<Candidate, Pair>();
  let mine: Measurement | undefined;
  // A class of one has nothing to drop.
  const rivals = classes.filter(({ candidates }) => candidates.length > 1);
  for (const candidate of new Set(rivals.flatMap(({ candidates }) => candidates))) {
    const started = firstStep?.(candidate);
    if (started === undefined) continue;
    const other = await started;
    if ('reason' in other) failures.set(candidate, other.reason);
    else {
      mine ??= await ours();
      found.set(candidate, {
        ours: mine,
        theirs: other,
        ratio: ratioOf(unit, mine.value, other.value),
      });
    }
  }
  return found;
}
