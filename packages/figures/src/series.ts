import type { StepRecord } from '@janus/core';

/** The points of a curve, in the order of training. */
export interface Series {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** A phase of training, such as `head` or `fine-tune`. */
export interface Phase {
  readonly name: string;
  /** First update, counted over all phases. */
  readonly from: number;
  /** Last update, counted over all phases. */
  readonly to: number;
}

/** A record with its position on the time axis. */
export interface PlacedRecord {
  readonly record: StepRecord;
  /** Updates since the first phase began. */
  readonly x: number;
}

/**
 * Places records on one time axis. Of several records of a step the last one counts, since a resumed run
 * repeats the steps after its checkpoint; a phase that counts from 0 again continues where the previous one
 * ended.
 */
export function placeRecords(records: readonly StepRecord[]): readonly PlacedRecord[] {
  const placed = new Map<string, PlacedRecord>();
  let offset = 0;
  let last = 0;
  let phase = records[0]?.phase;
  for (const record of records) {
    if (record.phase !== phase) {
      phase = record.phase;
      if (record.step + offset < last) offset = last;
    }
    const x = record.step + offset;
    placed.set([record.kind, record.split, record.phase, record.step].join(' '), { record, x });
    last = Math.max(last, x);
  }
  return [...placed.values()].sort((a, b) => a.x - b.x);
}

/** Returns the phases in the order of training; a single one named '' when records have no phase. */
export function phasesOf(placed: readonly PlacedRecord[]): readonly Phase[] {
  const phases = new Map<string, Phase>();
  for (const { record, x } of placed) {
    const name = record.phase ?? '';
    const known = phases.get(name);
    phases.set(name, {
      name,
      from: Math.min(known?.from ?? x, x),
      to: Math.max(known?.to ?? x, x),
    });
  }
  return [...phases.values()].sort((a, b) => a.from - b.from);
}

/** Returns the points at which a record has the value, and it is finite. */
export function seriesOf(
  placed: readonly PlacedRecord[],
  value: (record: StepRecord) => number | undefined,
): Series {
  const x: number[] = [];
  const y: number[] = [];
  for (const each of placed) {
    const known = value(each.record);
    if (known === undefined || !Number.isFinite(known)) continue;
    x.push(each.x);
    y.push(known);
  }
  return { x, y };
}

/**
 * Returns the exponential moving average up to each point, with bias correction at the start.
 *
 * @param weight from 0 (no smoothing) to below 1; 0.9 averages over about ten values
 * Source: Kingma and Ba 2015, §3 (bias correction), arXiv 1412.6980.
 */
export function smooth(values: readonly number[], weight: number): readonly number[] {
  let sum = 0;
  let mass = 0;
  return values.map((value) => {
    sum = weight * sum + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    return sum / mass;
  });
}
