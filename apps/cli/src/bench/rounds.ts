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

const ratioIn = (pairs: readonly Pair[]): number => medianOf(pairs.map(({ ratio }) => ratio));

/**
 * Measures the sides in alternation, ours before each of theirs (A B1 A B2 ...) in every round, so that
 * a machine that gets slower or faster affects both. Candidates that are clearly slower than the fastest
 * of their class after two rounds are dropped from the rest.
 */
export async function compareInRounds<Candidate>(
  comparison: Comparison<Candidate>,
): Promise<ComparisonResult<Candidate>> {
  const { unit, rounds, ours, classes, theirs } = comparison;
  const pairs = new Map<Candidate, Pair[]>();
  for (const { candidates } of classes) for (const each of candidates) pairs.set(each, []);
  const failures = new Map<Candidate, string>();
  const turns: Measurement[] = [];
  let running = [...pairs.keys()];
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
      classes.some(({ candidates }) => {
        if (!candidates.includes(candidate)) return false;
        const rivals = candidates.filter((each) => able.includes(each));
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
