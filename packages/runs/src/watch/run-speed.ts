/** How fast a run gets on, and how long it still takes, from its records. */
import type { RunRecord, StepRecord } from '@janus/core';
import { imagesPerUpdate } from '../classifier/recipe.js';

/** The newest records that the speed is measured over: at least this long, and this many. */
const WINDOW_SECONDS = 30;
const WINDOW_RECORDS = 20;

/** How fast a run gets on. */
export interface RunSpeed {
  /** Updates of this run so far. */
  readonly done: number;
  /** Updates in all; undefined where the run's record does not tell. */
  readonly total: number | undefined;
  /** Undefined before two records of one stretch of training. */
  readonly imagesPerSecond: number | undefined;
  readonly secondsLeft: number | undefined;
}

/**
 * Returns how fast a run gets on. The speed is that of the newest records, half a minute or more, validation between
 * them included; a resumed run and a new phase are measured from their own start.
 */
export function runSpeed(
  record: Pick<RunRecord, 'kind' | 'options' | 'updates' | 'result'>,
  records: readonly StepRecord[],
): RunSpeed {
  // Where it was stopped, a run is further than its last record.
  const { steps } = record.result ?? {};
  const ended = typeof steps === 'number' ? steps : 0;
  const done = records.reduce((most, { step }) => Math.max(most, step), ended);
  const total = totalOf(record, records);
  const newest = stretchOf(records);
  const [first, last] = [newest.at(0), newest.at(-1)];
  const seconds = first === undefined || last === undefined ? 0 : last.seconds - first.seconds;
  const updates = first === undefined || last === undefined ? 0 : last.step - first.step;
  if (!(seconds > 0 && updates > 0) || isFit(last)) {
    return { done, total, imagesPerSecond: undefined, secondsLeft: undefined };
  }
  const images = imagesOfUpdate(record);
  return {
    ...{ done, total },
    imagesPerSecond: images === undefined ? undefined : (images * updates) / seconds,
    secondsLeft: total === undefined ? undefined : ((total - done) * seconds) / updates,
  };
}

const isFit = (record: StepRecord | undefined): boolean =>
  record?.metrics?.['penalty'] !== undefined;

/** Returns the planned updates; fits of a linear head, which are counted as steps, come in addition. */
function totalOf(
  { updates }: Pick<RunRecord, 'updates'>,
  records: readonly StepRecord[],
): number | undefined {
  if (updates === undefined || updates === 0) return undefined;
  const fits = records.reduce((most, each) => (isFit(each) ? Math.max(most, each.step) : most), 0);
  return fits + updates;
}

/** Returns the newest records of one stretch of training. */
function stretchOf(records: readonly StepRecord[]): readonly StepRecord[] {
  const last = records.length - 1;
  let first = last;
  while (first > 0) {
    const [before, here, end] = [records[first - 1], records[first], records[last]];
    if (before === undefined || here === undefined || end === undefined) break;
    if (before.phase !== here.phase || before.seconds > here.seconds || before.step > here.step)
      break;
    const isEnough = end.seconds - here.seconds >= WINDOW_SECONDS && last - first >= WINDOW_RECORDS;
    if (isEnough) break;
    first -= 1;
  }
  return records.slice(Math.max(0, first));
}

/** Returns the images of an update, as `imagesPerSecond` of a finished run counts them. */
function imagesOfUpdate({
  kind,
  options,
}: Pick<RunRecord, 'kind' | 'options'>): number | undefined {
  const { batchSize, accumulate = 1 } = options;
  if (typeof batchSize !== 'number' || typeof accumulate !== 'number') return undefined;
  if (kind === 'classifier') return imagesPerUpdate({ batchSize, accumulate });
  return kind === 'stargan' || kind === 'icgan' ? batchSize : 2 * batchSize;
}
