/** Two sides in turn, and what their rounds say. */
import { medianOf, type BenchUnit } from '@janus/core';
import type { Failure, Measurement } from './programs.js';

/** What is compared: ours, and classes of a peer's configurations. */
export interface Comparison<Candidate> {
  readonly unit: BenchUnit;
  readonly rounds: number;
  /** @throws when our side finds nothing */
  readonly ours: () => Promise<Measurement>;
  /** A candidate may be in several classes; it runs once a round. */
  readonly classes: readonly {
    readonly name: string;
    readonly candidates: readonly Candidate[];
  }[];
  readonly theirs: (candidate: Candidate) => Promise<Measurement | Failure>;
}

/** The two measurements of a round, and how ours compares: above 1 = ours is faster. */
export interface Pair {
  readonly ours: Measurement;
  readonly theirs: Measurement;
  readonly ratio: number;
}

/** What became of a candidate. */
export interface CandidateResult<Candidate> {
  readonly candidate: Candidate;
  readonly pairs: readonly Pair[];
  /** Why it has no figure. */
  readonly failure?: string;
}

/** What became of a class. */
export interface ClassResult<Candidate> {
  readonly name: string;
  /** The fastest; undefined when none has a figure. */
  readonly best: CandidateResult<Candidate> | undefined;
  readonly others: readonly CandidateResult<Candidate>[];
}

/** What {@link compareInRounds} found. */
export interface ComparisonResult<Candidate> {
  /** Of every turn of ours. */
  readonly ours: readonly Measurement[];
  readonly classes: readonly ClassResult<Candidate>[];
}

/** Returns how many times as fast ours is. */
export function ratioOf(unit: BenchUnit, ours: number, theirs: number): number {
  return unit === 'img/s' ? ours / theirs : theirs / ours;
}

/**
 * A candidate whose best round is this much slower than the fastest of its class is not run again,
 * once it had {@link FAIR_TRIAL} rounds: one may have been disturbed.
 */
const CLEARLY_SLOWER = 1.15;
const FAIR_TRIAL = 2;

const ratioIn = (pairs: readonly Pair[]): number => medianOf(pairs.map(({ ratio }) => ratio));

/**
 * Measures in turn, ours before each of theirs: A B1 A B2 ... in every round, so that a machine that
 * gets slower or faster does so for both sides. In a class of several, those that two rounds show to
 * be clearly slower are left out of the next ones.
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
        const least = Math.min(...rivals.map((each) => ratioIn(pairs.get(each) ?? [])));
        const mine = (pairs.get(candidate) ?? []).map(({ ratio }) => ratio);
        return mine.length < FAIR_TRIAL || Math.min(...mine) <= least * CLEARLY_SLOWER;
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
      // The lower our advantage, the faster they are.
      const [best] = results
        .filter(({ candidate }) => running.includes(candidate))
        .sort((a, b) => ratioIn(a.pairs) - ratioIn(b.pairs));
      return { name, best, others: results.filter((each) => each !== best) };
    }),
  };
}
