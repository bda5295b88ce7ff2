/** Tells when a training's loss has left for good the range in which it began. */
import { readMetrics, type Reporter, type StepRecord } from '@janus/core';

/**
 * How many times its start a loss must be. Ordinary losses fall from their start, or, a discriminator's,
 * stay below it; single batches reach a few times it.
 */
const FACTOR = 20;
/**
 * How many times its start a single loss must be to count at once. No batch does that to a network whose
 * weights are in order: the probability of a right answer would be exp(-7000).
 */
const HUGE_FACTOR = 10_000;

/** Records of a GAN in a row in which a loss is far above its start: 50 updates at most. */
export const DIVERGED_RECORDS = 5;

/** What {@link createDivergenceWatch} watches. */
export interface DivergenceWatchOptions {
  /**
   * The losses that are watched, each with its value before anything was learnt, above 0: `crossEntropy` of
   * `classes` equal probabilities is ln(classes).
   */
  readonly starts: Readonly<Record<string, number>>;
  /**
   * Whether a higher loss in the record of the first update counts as the start; only for losses that are
   * recorded then. Default false.
   */
  readonly fromFirstUpdate?: boolean;
  /** Records in a row that must be too high. */
  readonly inARow: number;
}

/** A loss that has left the range in which it began; `run.json` keeps it as `result.diverged`. */
export interface Divergence {
  /** Updates after which it was first too high, or not finite. */
  readonly step: number;
  /** Its name, such as `crossEntropy`. */
  readonly name: string;
  /** Its value when that was reported; null: not finite. */
  readonly loss: number | null;
  /** Its value before anything was learnt; null: not watched, but not finite. */
  readonly start: number | null;
  /** The value above which it is too high, 20 times the start; null as the start is. */
  readonly limit: number | null;
}

/** Sees the records of a training one by one. */
export interface DivergenceWatch {
  /** Takes the next record; returns what it shows the first time that a loss diverges, else undefined. */
  readonly see: (record: StepRecord) => Divergence | undefined;
  /** Takes the losses that ended the training because one was not finite; returns what was found. */
  readonly fail: (ended: Pick<StepRecord, 'step' | 'losses'>) => Divergence;
  /** Returns what was found so far. */
  readonly found: () => Divergence | undefined;
}

/**
 * Returns a watch over a training's records of kind `step`. A loss diverges when it is above 20 times its
 * start in `inARow` records one after the other, or in one record above 10,000 times its start or not finite. What the watch says depends on the records
 * alone, so a resumed training that is shown its earlier records says the same.
 */
export function createDivergenceWatch(options: DivergenceWatchOptions): DivergenceWatch {
  const { fromFirstUpdate = false, inARow } = options;
  const starts = { ...options.starts };
  const rows = new Map<string, { readonly step: number; readonly count: number }>();
  let found: Divergence | undefined;
  const see = ({ kind, step, losses }: StepRecord): Divergence | undefined => {
    if (kind !== 'step' || found !== undefined) return undefined;
    for (const [name, known] of Object.entries(starts)) {
      const loss = losses[name];
      if (loss === undefined) continue;
      const start = fromFirstUpdate && step === 1 && loss > known ? loss : known;
      starts[name] = start;
      const limit = FACTOR * start;
      if (loss <= limit) {
        rows.delete(name);
        continue;
      }
      const row = { step: rows.get(name)?.step ?? step, count: (rows.get(name)?.count ?? 0) + 1 };
      rows.set(name, row);
      if (row.count < inARow && loss <= HUGE_FACTOR * start) continue;
      found = { step: row.step, name, loss: finiteOrNull(loss), start, limit };
      return found;
    }
    return undefined;
  };
  const fail = ({ step, losses }: Pick<StepRecord, 'step' | 'losses'>): Divergence => {
    const bad = Object.entries(losses).find(([, loss]) => !Number.isFinite(loss));
    const name = bad?.[0] ?? '';
    const start = starts[name] ?? null;
    const limit = start === null ? null : FACTOR * start;
    found ??= { step, name, loss: null, start, limit };
    return found;
  };
  return { see, fail, found: () => found };
}

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/**
 * Returns a line about a divergence.
 *
 * @param wayOut what to change, as a sentence
 */
export function divergenceText(found: Divergence, wayOut: string): string {
  const { step, name, loss, start, limit } = found;
  if (start === null || limit === null) {
    return `The training diverged: ${name} was not finite at step ${step}. ${wayOut}`;
  }
  const value = loss === null ? 'not finite' : shortNumber(loss);
  return `The training diverged: ${name} went above ${shortNumber(limit)}, ${FACTOR} times its start of ${shortNumber(start)}, at step ${step}, and was ${value} when this was noticed. ${wayOut}`;
}

const shortNumber = (value: number): string => String(Number(value.toPrecision(3)));

/** What {@link openDivergenceAlarm} takes. */
export interface DivergenceAlarmOptions extends DivergenceWatchOptions {
  readonly reporter: Pick<Reporter, 'log'>;
  /** What to change, as a sentence. */
  readonly wayOut: string;
}

/** Watches a run's records and reports a divergence: a line once it is found, and again at the end. */
export interface DivergenceAlarm extends Pick<DivergenceWatch, 'fail'> {
  readonly see: (record: StepRecord) => void;
  /** Reports at the end of a call; returns what a run's result says. */
  readonly end: () => { readonly diverged?: Divergence };
}

/** Returns an alarm that has seen the records in a run's folder. */
export async function openDivergenceAlarm(
  folder: string,
  options: DivergenceAlarmOptions,
): Promise<DivergenceAlarm> {
  const { reporter, wayOut } = options;
  const watch = createDivergenceWatch(options);
  for (const record of await readMetrics(folder)) watch.see(record);
  const report = (found: Divergence | undefined): void => {
    if (found !== undefined) reporter.log(divergenceText(found, wayOut));
  };
  return {
    see: (record) => {
      report(watch.see(record));
    },
    fail: watch.fail,
    end: () => {
      const diverged = watch.found();
      report(diverged);
      return diverged === undefined ? {} : { diverged };
    },
  };
}
