/** Turns the rounds of a comparison into rows of the record, and rows into lines of text. */
import {
  medianOf,
  type BenchLeftOut,
  type BenchRecord,
  type BenchRow,
  type BenchTrial,
} from '@janus/core';
import type { Measurement } from './programs.js';
import type { CandidateResult, ComparisonResult } from './rounds.js';
import type { PeerProgram, Workload } from './workloads.js';

/** Facts about a measurement that its rounds do not hold. */
export interface RowContext {
  /** Environment settings of our processes, as text. */
  readonly settings: string;
  /** Time of the measurement: ISO 8601, UTC. */
  readonly measured: string;
}

/** What one workload adds to the record. */
export type WorkloadResult = Pick<BenchRecord, 'rows' | 'tried' | 'leftOut'>;

/** Returns the names of the flags among arguments, without dashes. */
const namesIn = (args: readonly string[]): readonly string[] =>
  args.filter((each) => each.startsWith('--')).map((each) => each.slice(2));

/** Flags left out of the text: the engine is named at its start, the folder in the settings. */
const OMITTED = ['folder', 'engine'];

function configText(
  { peer, config }: Measurement,
  names: readonly string[],
  settings: string,
): string {
  const settled = [...new Set(names)]
    .filter((name) => !OMITTED.includes(name) && config[name] !== undefined)
    .map((name) => `${name} ${String(config[name])}`);
  return [peer, ...settled, settings].filter((each) => each !== '').join(', ');
}

/** Returns our side's configuration as text: its arguments, and what it chose itself. */
export function ourConfig(workload: Workload, found: Measurement, settings: string): string {
  // Flags that are not among its arguments hold defaults of other workloads.
  const given = namesIn(workload.ours);
  const chosen = [
    'precision',
    'layout',
    'images',
    'kernel',
    'fit',
    'features',
    'device',
    'threads',
  ];
  const names = [...given, ...chosen.filter((name) => name !== 'images' || workload.readsImages)];
  return configText(found, names, settings);
}

/** Returns a peer's configuration as text. */
export function peerConfig({ args }: PeerProgram, found: Measurement | undefined): string {
  if (found === undefined) return args.slice(1).join(' ').replaceAll('--', '');
  return configText(found, [...namesIn(args), 'compile', 'device', 'threads'], 'plain environment');
}

const highest = (found: readonly Measurement[]): number =>
  Math.max(...found.map(({ peakRssMb }) => peakRssMb));

const medianIn = (found: readonly Measurement[]): number =>
  medianOf(found.map(({ value }) => value));

function oursIn(
  workload: Workload,
  found: readonly Measurement[],
  { settings, measured }: RowContext,
): BenchRow {
  const [first] = found;
  if (first === undefined) throw new Error(`bench: no round of ${workload.name}`);
  return {
    work: workload.name,
    title: workload.title,
    config: ourConfig(workload, first, settings),
    ours: medianIn(found),
    theirs: null,
    unit: workload.unit,
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

/** Returns one row per class of peers, or a row without a peer if no class has a figure. */
export function rowsOf(
  workload: Workload,
  result: ComparisonResult<PeerProgram>,
  context: RowContext,
): WorkloadResult {
  const rows = result.classes.flatMap(({ name, best }): BenchRow[] => {
    const theirs = best?.pairs.map((pair) => pair.theirs) ?? [];
    if (best === undefined || theirs.length === 0) return [];
    const ratios = best.pairs.map(({ ratio }) => ratio);
    const ours = best.pairs.map((pair) => pair.ours);
    return [
      {
        ...oursIn(workload, ours, context),
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
      // A candidate of several classes is listed once.
      named.add(other.candidate);
      if (other.failure === undefined) tried.push(trialOf(workload, name, other));
      else {
        leftOut.push({
          work: workload.name,
          peer: name,
          peerConfig: peerConfig(other.candidate, other.pairs[0]?.theirs),
          reason: other.failure,
        });
      }
    }
  }
  return {
    rows: rows.length === 0 ? [oursIn(workload, result.ours, context)] : rows,
    tried,
    leftOut,
  };
}

function trialOf(
  { name, unit }: Workload,
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

/** Returns a record in which a workload's earlier figures are replaced. */
export function withWorkload(
  record: BenchRecord,
  workload: Workload,
  found: WorkloadResult,
): BenchRecord {
  const others = <T extends { readonly work: string }>(list: readonly T[]): readonly T[] =>
    list.filter((each) => each.work !== workload.name);
  return {
    ...record,
    rows: [...others(record.rows), ...found.rows],
    tried: [...others(record.tried), ...found.tried],
    leftOut: [...others(record.leftOut), ...found.leftOut],
  };
}

/** Returns a number with three significant digits, without an exponent. */
function digits(value: number): string {
  return value >= 1000 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}

/** Returns a record as lines: the device, the table, and what was left out. */
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
  const head = ['workload', 'Janus', 'peer', '', 'times as fast', 'peak memory'];
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
