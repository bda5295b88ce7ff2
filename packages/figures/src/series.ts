import type { StepRecord } from '@janus/core';

/** Points of one curve, in the order of training. */
export interface Series {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** One stretch of training: the head alone, then fine-tuning. */
export interface Phase {
  readonly name: string;
  /** First and last update, counted over all phases. */
  readonly from: number;
  readonly to: number;
}

/** A record with its place on the time axis. */
export interface PlacedRecord {
  readonly record: StepRecord;
  /** Updates since the first phase began. */
  readonly x: number;
}

/**
 * Returns the records on one time axis, later lines first to win: a resumed run repeats the steps
 * after its checkpoint, and a phase that counts from 0 again goes on where the last one ended.
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

/** Returns the phases in the order of training; one without a name when records name none. */
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

/** Returns the points at which a value is known and finite. */
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
 * Returns the exponential moving average of the values before and at each point, without the pull
 * towards 0 at the start.
 *
 * @param weight from 0 (as they are) to below 1; 0.9 averages over about ten values
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
