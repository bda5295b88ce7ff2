/** The numbers that a write-up may ask for by name. */
import {
  countText,
  percentText,
  rangeText,
  type Interval,
  type SweepRecord,
  type SweepRowRecord,
} from '@janus/core';
import type { ReportRun } from '../read-runs.js';
import { dayText } from '../run-text.js';
import { seedsId, seedsRows, type FoundSeeds } from '../seeds-section.js';
import { bestRun, sweepId, type TabledReport } from './report-tables.js';

/** Text of each metric by its name, `accuracy.value`, in the order in which an error lists them. */
export type Metrics = ReadonlyMap<string, string>;

/** Metrics by the name of their source: a run's id, a sweep, `data`, `report`. */
export type ReportValues = ReadonlyMap<string, Metrics>;

/** Names of shares, which are written in percent. */
const RATE =
  /accuracy|recall|precision|f1|judged|share|majority|rate$|paper|ours|calibration|coverage|density|auc|withinfive|drift/i;

const isInterval = (value: object): value is Interval =>
  'value' in value && 'low' in value && 'high' in value;

function numberText(name: string, value: number): string {
  const isCount = /(^|\.)(n|row|images|updates|seconds|count)$/.test(name);
  const isSetting = name.startsWith('options.') || name.startsWith('result.');
  if (RATE.test(name) && value >= 0 && value <= 1 && !isCount && !isSetting) {
    return percentText(value);
  }
  return Number.isInteger(value) ? countText(value) : String(Number(value.toPrecision(3)));
}

function intervalMetrics(
  name: string,
  interval: Interval,
  n: number | undefined,
): readonly (readonly [string, string])[] {
  const of = (part: 'value' | 'low' | 'high'): string => numberText(name, interval[part]);
  const isRate = of('value').endsWith('%');
  const range = isRate ? rangeText(interval) : `${of('low')}–${of('high')}`;
  return [
    [name, `${of('value')} (${range}${n === undefined ? '' : `, n = ${countText(n)}`})`],
    [`${name}.value`, of('value')],
    [`${name}.low`, of('low')],
    [`${name}.high`, of('high')],
    [`${name}.range`, range],
  ];
}

/**
 * Returns every number and text in an object by its path; an interval by itself, with the n beside it, and by its parts.
 *
 * @param of images that the object is about
 */
function metricsOf(
  value: unknown,
  name: string,
  of?: number,
): readonly (readonly [string, string])[] {
  if (typeof value === 'number') return [[name, numberText(name, value)]];
  if (typeof value === 'string') return [[name, value]];
  if (typeof value === 'boolean') return [[name, value ? 'yes' : 'no']];
  if (Array.isArray(value)) {
    const own = [`${name}.count`, countText(value.length)] as const;
    return value.every((each) => typeof each === 'string')
      ? [[name, value.join(', ')], own]
      : [own];
  }
  if (typeof value !== 'object' || value === null) return [];
  const n = 'n' in value && typeof value.n === 'number' ? value.n : of;
  const inner = Object.entries(value).flatMap(([key, each]) =>
    isInterval(value) && /^(value|low|high)$/.test(key)
      ? []
      : metricsOf(each, name === '' ? key : `${name}.${key}`, n),
  );
  return isInterval(value) ? [...intervalMetrics(name, value, n), ...inner] : inner;
}

function runMetrics(run: ReportRun): Metrics {
  const { record, name, kind } = run;
  const evaluation = run.kind === 'classifier' ? (run.evaluation ?? run.targets) : run.evaluation;
  const { options, result, seed, engine, started, versions, gitCommit } = record;
  return new Map([
    ...metricsOf(evaluation ?? {}, ''),
    ...metricsOf({ name, kind, seed: String(seed), engine, started, gitCommit, versions }, ''),
    ...metricsOf(result ?? {}, 'result'),
    ...metricsOf(options, 'options'),
  ]);
}

/** Returns the rows of a sweep by number, and those that a text speaks of: the best and the worst. */
function sweepMetrics(sweep: SweepRecord): Metrics {
  const { rows, failed, left, ...facts } = sweep;
  const sorted = [...rows].sort((a, b) => b.ours.value - a.ours.value);
  const named: Readonly<Record<string, SweepRowRecord | undefined>> = {
    ...{ best: sorted[0], worst: sorted.at(-1) },
    ...Object.fromEntries(rows.map((row) => [`row-${row.row}`, row])),
  };
  return new Map([
    ...metricsOf({ ...facts, scale: String(facts.scale) }, ''),
    ...metricsOf({ rows: rows.length, failed: failed.length, left: left.length }, ''),
    ...metricsOf({ seconds: Math.round(rows.reduce((sum, row) => sum + row.seconds, 0)) }, ''),
    ...metricsOf(named, ''),
  ]);
}

/** Returns the measures over seeds, `gender.accuracy.mean` and where it would lie with `otherSeeds` and on `otherImages`; `runs` and `left` count. */
function seedsMetrics({ record }: FoundSeeds): Metrics {
  const { runs, left, intervalMethod } = record;
  return new Map([
    ...metricsOf({ runs: runs.length, left: left.length, intervalMethod }, ''),
    ...seedsRows(record).flatMap(({ key, n, measure, mean, seeds, images }) =>
      metricsOf({ n, mean, otherSeeds: seeds, otherImages: images }, `${key}.${measure}`),
    ),
  ]);
}

/** Returns all numbers of a report by name. */
export function reportValues(report: TabledReport, date: Date): ReportValues {
  const { runs, sweeps, seeds, data } = report;
  const facts = { date: dayText(date), runs: runs.length };
  const steps = Object.fromEntries((data?.steps ?? []).map((step) => [step.step, step]));
  const about =
    data === undefined
      ? []
      : [['data', new Map(metricsOf({ ...data, steps: undefined, ...steps }, ''))] as const];
  return new Map([
    ['report', new Map(metricsOf(facts, ''))] as const,
    ...about,
    ...sweeps.map((sweep) => [sweepId(sweep, sweeps), sweepMetrics(sweep)] as const),
    ...sweeps.flatMap((sweep) => {
      const best = bestRun(sweep, runs);
      return best === undefined
        ? []
        : [[`${sweepId(sweep, sweeps)}-best`, runMetrics(best)] as const];
    }),
    ...seeds.map((each) => [seedsId(each), seedsMetrics(each)] as const),
    ...runs.map((run) => [run.id, runMetrics(run)] as const),
  ]);
}
