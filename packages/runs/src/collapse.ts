/** Tells when a CycleGAN has collapsed: its losses may look well while its translations are worth nothing. */
import type { Reporter, StepRecord } from '@janus/core';
import { ALARM_LIMITS, type TranslationAlarms } from '@janus/models';

/** The ways in which a CycleGAN collapses. */
export type CollapseKind =
  | 'discriminator wins'
  | 'unchanged'
  | 'same output'
  | 'flat output'
  | 'inverted'
  | 'inverted colours';

/** A collapse that was found; `run.json` keeps those of its end as `result.collapsed`. */
export interface Collapse {
  readonly kind: CollapseKind;
  /** The direction, or of a discriminator its loss, such as `discriminatorX`. */
  readonly where: string;
  /** Updates after which it was found. */
  readonly step: number;
  /** What was measured then. */
  readonly value: number;
  /** What it is below. */
  readonly limit: number;
}

/** The alarms of the watched images, by direction that is trained. */
export type SampleAlarms = Readonly<Partial<Record<'xToY' | 'yToX', TranslationAlarms>>>;

/**
 * Share of its start (what an undecided discriminator has) below which a loss is near 0. In runs that went well the
 * lowest single record was 0.055 of it, mostly 0.15 or more; at a twentieth, fakes are told from images nearly always.
 */
const NEAR_ZERO = 0.05;
/** Records in a row in which a loss must be near 0: with a record each 10 updates, 300 of them. */
const RECORDS_IN_A_ROW = 30;
/** Samplings in a row in which an alarm must be out of its limits: the first ones are of networks that have not begun. */
const SAMPLES_IN_A_ROW = 3;

/** Which alarm tells which collapse. */
const ALARMS: readonly { readonly alarm: keyof TranslationAlarms; readonly kind: CollapseKind }[] =
  [
    { alarm: 'change', kind: 'unchanged' },
    { alarm: 'diversity', kind: 'same output' },
    { alarm: 'contrast', kind: 'flat output' },
    { alarm: 'luminanceCorrelation', kind: 'inverted' },
    { alarm: 'colourCorrelation', kind: 'inverted colours' },
  ];

/** What happened, and what to do. */
const TEXTS: Readonly<Record<CollapseKind, { readonly what: string; readonly wayOut: string }>> = {
  'discriminator wins': {
    what: 'the discriminator tells every fake, and its loss is near 0',
    wayOut:
      'Lower --discriminator-lr-factor or --discriminator-filters, or let it see the images shifted (--shift 4)',
  },
  unchanged: {
    what: 'the translations equal their originals',
    wayOut: 'Lower --lambda-cycle, --lambda-identity or --lambda-change, or raise --learning-rate',
  },
  'same output': {
    what: 'all originals lead to one translation',
    wayOut:
      'Raise --lambda-cycle, lower --learning-rate, and see that both domains have enough images',
  },
  'flat output': {
    what: 'the translations have hardly any light and dark',
    wayOut: 'Lower --learning-rate, or begin as the identity with --skip residual',
  },
  inverted: {
    what: 'light and dark are inverted, which the cycle undoes',
    wayOut: 'Begin as the identity with --skip residual, or raise --lambda-identity',
  },
  'inverted colours': {
    what: 'colours are inverted, which the cycle undoes',
    wayOut: 'Begin as the identity with --skip residual, or raise --lambda-identity',
  },
};

/** Sees a training's records and samples. */
export interface CollapseWatch {
  /** Takes the next record; returns what has collapsed with it. */
  readonly see: (record: StepRecord) => readonly Collapse[];
  /** Takes the alarms of the samples after `step` updates; returns what has collapsed with them. */
  readonly seeSamples: (step: number, alarms: SampleAlarms) => readonly Collapse[];
  /** Returns what has collapsed and has not recovered since. */
  readonly found: () => readonly Collapse[];
}

/** What {@link createCollapseWatch} takes. */
export interface CollapseWatchOptions {
  /** The loss of a discriminator that cannot tell. */
  readonly start: number;
  /** Updates at the start in which the generators do not learn, which do not count; default 0. */
  readonly warmup?: number;
}

/** Returns a watch; what it says depends on what it is shown alone. */
export function createCollapseWatch({ start, warmup = 0 }: CollapseWatchOptions): CollapseWatch {
  const counts = new Map<string, number>();
  const found = new Map<string, Collapse>();
  let sampled = 0;
  /** Counts one measurement; returns the collapse when it has now been there often enough. */
  const measure = (seen: Collapse, inARow: number): readonly Collapse[] => {
    const key = `${seen.kind} ${seen.where}`;
    if (!(seen.value < seen.limit)) {
      counts.delete(key);
      found.delete(key);
      return [];
    }
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    if (count < inARow || found.has(key)) return [];
    found.set(key, seen);
    return [seen];
  };
  return {
    see: ({ kind, step, losses }) => {
      if (kind !== 'step' || step <= warmup) return [];
      return ['discriminatorX', 'discriminatorY'].flatMap((where) => {
        const value = losses[where];
        if (value === undefined) return [];
        const seen = { kind: 'discriminator wins', where, step, value } as const;
        return measure({ ...seen, limit: NEAR_ZERO * start }, RECORDS_IN_A_ROW);
      });
    },
    seeSamples: (step, alarms) => {
      // The samples of the end may be those of the last checkpoint.
      if (step <= sampled || step <= warmup) return [];
      sampled = step;
      return Object.entries(alarms).flatMap(([where, values]) =>
        ALARMS.flatMap(({ alarm, kind }) => {
          const seen = { kind, where, step, value: values[alarm] };
          return measure({ ...seen, limit: ALARM_LIMITS[alarm] }, SAMPLES_IN_A_ROW);
        }),
      );
    },
    found: () => [...found.values()],
  };
}

/** Returns a line about a collapse: what it is, and what to do. */
export function collapseText({ kind, where, step, value, limit }: Collapse): string {
  const { what, wayOut } = TEXTS[kind];
  const number = (each: number): string => String(Number(each.toPrecision(2)));
  return `Collapsed (${where}, by step ${step}): ${what} (${number(value)}, below ${number(limit)}). ${wayOut}; start over with --overwrite, or look at samples/ first: it may recover.`;
}

/** A watch that reports. */
export interface CollapseAlarm {
  readonly see: (record: StepRecord) => void;
  readonly seeSamples: (step: number, alarms: SampleAlarms) => void;
  /** Reports what is collapsed at the end of a call; returns what a run's result says. */
  readonly end: () => { readonly collapsed?: readonly Collapse[] };
}

/**
 * Returns an alarm that reports each collapse once it is found, and again at the end unless the run has recovered.
 *
 * @param seen what the run has seen before it was resumed
 */
export function collapseAlarm(
  options: CollapseWatchOptions,
  seen: {
    readonly records: readonly StepRecord[];
    readonly samples: readonly { readonly step: number; readonly alarms: SampleAlarms }[];
  },
  reporter: Pick<Reporter, 'log'>,
): CollapseAlarm {
  const watch = createCollapseWatch(options);
  for (const record of seen.records) watch.see(record);
  for (const { step, alarms } of seen.samples) watch.seeSamples(step, alarms);
  const report = (found: readonly Collapse[]): void => {
    for (const each of found) reporter.log(collapseText(each));
  };
  return {
    see: (record) => {
      report(watch.see(record));
    },
    seeSamples: (step, alarms) => {
      report(watch.seeSamples(step, alarms));
    },
    end: () => {
      const collapsed = watch.found();
      report(collapsed);
      return collapsed.length === 0 ? {} : { collapsed };
    },
  };
}
