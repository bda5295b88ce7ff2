/** From rounds to rows, and from rows to lines. */
import {
  medianOf,
  type BenchLeftOut,
  type BenchRecord,
  type BenchRow,
  type BenchTrial,
} from '@janus/core';
import type { Measurement } from './programs.js';
import type { CandidateResult, ComparisonResult } from './rounds.js';
import type { BenchWork, PeerProgram } from './workloads.js';

/** What rows say beside the rounds. */
export interface RowContext {
  /** Settings of our processes, in words. */
  readonly settings: string;
  /** ISO 8601, UTC. */
  readonly measured: string;
}

/** What a work adds to the record. */
export type WorkResult = Pick<BenchRecord, 'rows' | 'tried' | 'leftOut'>;

/** Returns the names of flags, as a configuration has them. */
const namesIn = (args: readonly string[]): readonly string[] =>
  args.filter((each) => each.startsWith('--')).map((each) => each.slice(2));

/** Left to the text's beginning, or the same for all. */
const UNSAID = ['folder', 'engine'];

function configText(
  { peer, config }: Measurement,
  names: readonly string[],
  settings: string,
): string {
  const words = [...new Set(names)]
    .filter((name) => !UNSAID.includes(name) && config[name] !== undefined)
    .map((name) => `${name} ${String(config[name])}`);
  return [peer, ...words, settings].filter((each) => each !== '').join(', ');
}

/** Returns what our side was told and chose, in words. */
export function ourConfig(work: BenchWork, found: Measurement, settings: string): string {
  // Flags that it was not told have defaults of other works; what it chose comes after them.
  const told = namesIn(work.ours);
  const chosen = ['precision', 'layout', 'images', 'kernel', 'fit', 'features', 'threads'];
  const names = [...told, ...chosen.filter((name) => name !== 'images' || work.readsImages)];
  return configText(found, names, settings);
}

/** Returns what a peer's program was told, in words. */
export function peerConfig({ args }: PeerProgram, found: Measurement | undefined): string {
  if (found === undefined) return args.slice(1).join(' ').replaceAll('--', '');
  return configText(found, [...namesIn(args), 'compile', 'threads'], 'plain environment');
}

const highest = (found: readonly Measurement[]): number =>
  Math.max(...found.map(({ peakRssMb }) => peakRssMb));

const medianIn = (found: readonly Measurement[]): number =>
  medianOf(found.map(({ value }) => value));

function oursIn(
  work: BenchWork,
  found: readonly Measurement[],
  { settings, measured }: RowContext,
): BenchRow {
  const [first] = found;
  if (first === undefined) throw new Error(`bench: no round of ${work.name}`);
  return {
    work: work.name,
    title: work.title,
    config: ourConfig(work, first, settings),
    ours: medianIn(found),
    theirs: null,
    unit: work.unit,
    peer: null,
    peerConfig: null,
    ratio: null,
    ratios: [],
    rounds: found.length,
    oursPeakRssMb: highest(found),
    theirsPeakRssMb: null,
    measured,
  };
}

/** Returns a row for each class of peers, or one of ours alone where no class has a figure. */
export function rowsOf(
  work: BenchWork,
  result: ComparisonResult<PeerProgram>,
  context: RowContext,
): WorkResult {
  const rows = result.classes.flatMap(({ name, best }): BenchRow[] => {
    const theirs = best?.pairs.map((pair) => pair.theirs) ?? [];
    if (best === undefined || theirs.length === 0) return [];
    const ratios = best.pairs.map(({ ratio }) => ratio);
    const ours = best.pairs.map((pair) => pair.ours);
    return [
      {
        ...oursIn(work, ours, context),
        theirs: medianIn(theirs),
        peer: name,
        peerConfig: peerConfig(best.candidate, theirs[0]),
        ratio: medianOf(ratios),
        ratios,
        theirsPeakRssMb: highest(theirs),
      },
    ];
  });
  const named = new Set(result.classes.map(({ best }) => best?.candidate));
  const tried: BenchTrial[] = [];
  const leftOut: BenchLeftOut[] = [];
  for (const { name, others } of result.classes) {
    for (const other of others) {
      if (named.has(other.candidate)) continue;
      // Once, however many classes it is in.
      named.add(other.candidate);
      if (other.failure === undefined) tried.push(trialOf(work, name, other));
      else {
        leftOut.push({
          work: work.name,
          peer: name,
          peerConfig: peerConfig(other.candidate, other.pairs[0]?.theirs),
          reason: other.failure,
        });
      }
    }
  }
  return {
    rows: rows.length === 0 ? [oursIn(work, result.ours, context)] : rows,
    tried,
    leftOut,
  };
}

function trialOf(
  { name, unit }: BenchWork,
  peer: string,
  { candidate, pairs }: CandidateResult<PeerProgram>,
): BenchTrial {
  const theirs = pairs.map((pair) => pair.theirs);
  return {
    work: name,
    peer,
    peerConfig: peerConfig(candidate, theirs[0]),
    theirs: medianIn(theirs),
    unit,
    ratio: medianOf(pairs.map(({ ratio }) => ratio)),
    rounds: pairs.length,
  };
}

/** Returns a record in which a work's earlier figures are replaced. */
export function withWork(record: BenchRecord, work: BenchWork, found: WorkResult): BenchRecord {
  const others = <T extends { readonly work: string }>(list: readonly T[]): readonly T[] =>
    list.filter((each) => each.work !== work.name);
  return {
    ...record,
    rows: [...others(record.rows), ...found.rows],
    tried: [...others(record.tried), ...found.tried],
    leftOut: [...others(record.leftOut), ...found.leftOut],
  };
}

/** Returns a number with three digits, without an exponent. */
function digits(value: number): string {
  return value >= 1000 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

/** Returns a record as a table's lines, then what was left out. */
export function linesOf({ rows, leftOut, device }: BenchRecord): readonly string[] {
  const cells = rows.map((row) => [
    row.work,
    `${digits(row.ours)} ${row.unit}`,
    row.theirs === null ? '' : `${digits(row.theirs)} ${row.unit}`,
    row.peer ?? '',
    row.ratio === null
      ? ''
      : `${row.ratio.toFixed(2)} (${Math.min(...row.ratios).toFixed(2)} to ${Math.max(...row.ratios).toFixed(2)}, ${row.rounds} ${row.rounds === 1 ? 'round' : 'rounds'})`,
    `${row.oursPeakRssMb} MB${row.theirsPeakRssMb === null ? '' : ` / ${row.theirsPeakRssMb} MB`}`,
  ]);
  const head = ['work', 'Janus', 'peer', '', 'times as fast', 'peak memory'];
  const widths = head.map((title, i) =>
    Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    device,
    line(head),
    ...cells.map(line),
    ...leftOut.map(
      ({ work, peer, peerConfig: config, reason }) =>
        `left out: ${work}, ${peer} (${config}): ${reason}`,
    ),
  ];
}
