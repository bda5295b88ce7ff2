/** One run, read again and again while it may change. */
import { join } from 'node:path';
import {
  countText,
  durationText,
  openMetricsTail,
  percentText,
  readRun,
  shellWord,
  trainCommand,
  type RunRecord,
  type StepRecord,
} from '@janus/core';
import type { ThemeName } from '@janus/figures';
import { runCurves } from './run-curves.js';
import { newestSamples } from './run-samples.js';
import { runSpeed, type RunSpeed } from './run-speed.js';
import { runState, workIn } from './run-state.js';
import type { CurvesView, RunState, RunView, SampleView } from './run-view.js';

/** A run that is watched. */
export interface WatchedRun {
  readonly folder: string;
  /** Reads what has changed; a run that cannot be read says why. */
  readonly read: () => Promise<RunView>;
  /** Returns the curves of the last reading; drawn once for all who ask. */
  readonly curves: (theme: ThemeName) => CurvesView;
}

/** What a reading found. */
interface Reading {
  readonly id: string;
  readonly folder: string;
  readonly record: RunRecord;
  readonly records: readonly StepRecord[];
  readonly curves: number;
  readonly state: readonly [RunState, string];
  readonly samples: readonly SampleView[];
}

/** Returns a run of a folder; nothing is read yet. */
export function openWatchedRun(folder: string, id: string): WatchedRun {
  const tail = openMetricsTail(folder);
  const drawn = new Map<ThemeName, { readonly version: number; readonly view: CurvesView }>();
  let last: Reading | undefined;
  return {
    folder,
    read: async () => {
      try {
        const { records, bytes } = await tail.read();
        const isSame = bytes === 0 && records.length === (last?.records.length ?? 0);
        const version = (last?.curves ?? 0) + (isSame ? 0 : 1);
        const record = await readRun(folder);
        const state = runState(record, await workIn(folder));
        const samples = await newestSamples(folder);
        last = { id, folder, record, records, state, samples, curves: version };
        return viewOf(last);
      } catch (error) {
        // One run must not cost the sight of the others, whatever is wrong with it.
        return unreadableView(id, error instanceof Error ? error.message : String(error));
      }
    },
    curves: (theme) => {
      if (last === undefined) return { figures: [] };
      const known = drawn.get(theme);
      if (known?.version === last.curves) return known.view;
      const view = runCurves({ id, kind: last.record.kind, records: last.records }, theme);
      drawn.set(theme, { version: last.curves, view });
      return view;
    },
  };
}

/** Returns the view of a run that cannot be read. */
export function unreadableView(id: string, reason: string): RunView {
  return {
    ...{ id, state: 'unreadable', stateText: reason, started: '', progress: undefined },
    ...{ cells: ['', '', '', ''], facts: [], curves: 0, samples: [] },
  };
}

function viewOf(reading: Reading): RunView {
  const { id, folder, record, records, curves, samples } = reading;
  const [state, stateText] = reading.state;
  const isUnderWay = state === 'running' || state === 'stopping';
  const speed = runSpeed(record, records);
  const { done, total } = speed;
  return {
    ...{ id, state, stateText, started: record.started, curves, samples },
    progress: { done, ...(total === undefined ? {} : { total }) },
    cells: [
      total === undefined ? countText(done) : `${countText(done)} of ${countText(total)}`,
      imagesText(isUnderWay ? speed.imagesPerSecond : record.result?.['imagesPerSecond']),
      isUnderWay ? leftText(speed) : '',
      newestText(records),
    ],
    facts: factsOf(record, records),
    ...(state === 'stopped' ? { command: resumeCommand(folder, record) } : {}),
  };
}

/** Returns the command that resumes a run on the engine that it began on: another one rounds otherwise. */
function resumeCommand(folder: string, record: RunRecord): string {
  const [engine = ''] = record.engine.split(' ');
  const words = ['--engine', engine, '--run', folder].map(shellWord);
  return [trainCommand(record, { resumes: true }), ...words, '--resume'].join(' ');
}

const imagesText = (rate: unknown): string =>
  typeof rate === 'number' && rate > 0 ? countText(Number(rate.toPrecision(3))) : '';

const leftText = ({ secondsLeft }: RunSpeed): string =>
  secondsLeft === undefined ? '' : durationText(secondsLeft);

/** Returns the newest loss of training and of validation, and the accuracy of that. */
function newestText(records: readonly StepRecord[]): string {
  const train = newest(records, ({ split, kind }) => split !== 'validation' && kind === 'step');
  const validation = newest(records, ({ split }) => split === 'validation');
  const accuracy = validation?.metrics?.['accuracy'];
  return [
    ...(train === undefined ? [] : [lossesText(train)]),
    ...(validation === undefined ? [] : [`validation ${lossesText(validation)}`]),
    ...(accuracy === undefined ? [] : [`accuracy ${percentText(accuracy)}`]),
  ].join(', ');
}

function newest(
  records: readonly StepRecord[],
  isWanted: (record: StepRecord) => boolean,
): StepRecord | undefined {
  let i = records.length - 1;
  for (let record = records[i]; record !== undefined; record = records[--i]) {
    if (isWanted(record)) return record;
  }
  return undefined;
}

/** Losses that a line has room for. */
const SHOWN_LOSSES = 2;

const lossesText = ({ losses }: StepRecord): string =>
  Object.entries(losses)
    .filter(([, value]) => value !== 0)
    .slice(0, SHOWN_LOSSES)
    .map(([name, value]) => `${name} ${value.toPrecision(3)}`)
    .join(', ');

function factsOf(
  record: RunRecord,
  records: readonly StepRecord[],
): readonly (readonly [string, string])[] {
  const { kind, name, started, seed, engine } = record;
  const last = records.at(-1);
  return [
    ['Kind', kind],
    ['What', name],
    ['Started', `${started.slice(0, 16).replace('T', ' ')} UTC`],
    ['Engine', engine],
    ['Seed', String(seed)],
    ...(last === undefined
      ? []
      : ([
          ['Phase', last.phase ?? kind],
          ['Epoch', countText(last.epoch)],
          ['Learning rate', last.learningRate.toPrecision(3)],
        ] as const)),
  ];
}

/** Returns the path of a sample that a run's view names; undefined for any other. */
export function samplePath(folder: string, view: RunView, name: string): string | undefined {
  return view.samples.some((each) => each.name === name)
    ? join(folder, 'samples', name)
    : undefined;
}
