/** Measures of runs that differ in their seed alone, on the images that all were measured on. */
import { join } from 'node:path';
import {
  balancedAccuracy,
  clusterBootstrap,
  confusionMatrix,
  meanInterval,
  type SeedsMeasure,
} from '@janus/core';
import { readTable } from '@janus/data';

/** What a run said of an image. */
export interface SeedPrediction {
  readonly id: string;
  /** Who is on it, or its id. */
  readonly person: string;
  readonly label: string;
  readonly predicted: string;
  /** Of a number: distance of the expected value from it, in its unit. */
  readonly error?: number;
}

/**
 * Returns what a run's `predictions.parquet` says of the images that have a label of a target.
 *
 * @param prefix of the target's columns: empty in a run of one target, else `<target>_`
 */
export async function readSeedPredictions(
  run: string,
  prefix: string,
): Promise<readonly SeedPrediction[]> {
  const rows = await readTable(join(run, 'predictions.parquet'));
  return rows.flatMap((row): SeedPrediction[] => {
    const { id, person } = row;
    const [label, predicted] = [row[`${prefix}label`], row[`${prefix}predicted`]];
    const [value, expected] = [row[`${prefix}value`], row[`${prefix}expected`]];
    if (typeof label !== 'string' || typeof predicted !== 'string') return [];
    const isNumber = typeof value === 'number' && typeof expected === 'number';
    return [
      {
        ...{ id: String(id), person: typeof person === 'string' ? person : String(id) },
        ...{ label, predicted },
        ...(isNumber ? { error: Math.abs(value - expected) } : {}),
      },
    ];
  });
}

/** Figures of a run on some images. */
type Statistic = (run: readonly SeedPrediction[]) => number;

const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** Returns the mean recall of the classes that have images. */
function meanRecall(run: readonly SeedPrediction[]): number {
  const names = [...new Set(run.flatMap(({ label, predicted }) => [label, predicted]))];
  const numbers = new Map(names.map((name, i) => [name, i]));
  const of = (which: 'label' | 'predicted'): readonly number[] =>
    run.map((each) => numbers.get(each[which]) ?? -1);
  return balancedAccuracy(confusionMatrix(of('label'), of('predicted'), names.length));
}

const ACCURACIES: Readonly<Record<string, Statistic>> = {
  accuracy: (run) => meanOf(run.map(({ label, predicted }) => (label === predicted ? 1 : 0))),
  balancedAccuracy: meanRecall,
};

const NUMBERS: Readonly<Record<string, Statistic>> = {
  mae: (run) => meanOf(run.map(({ error = NaN }) => error)),
};

/**
 * Returns the measures of a target over runs, on the images that all of them have.
 *
 * @param runs what each run said, in the order of the seeds; at least one
 */
export function measureSeeds(runs: readonly (readonly SeedPrediction[])[]): {
  readonly n: number;
  readonly measures: Readonly<Record<string, SeedsMeasure>>;
} {
  const byId = runs.map((run) => new Map(run.map((each) => [each.id, each])));
  const ids = [...(byId[0]?.keys() ?? [])].filter((id) => byId.every((run) => run.has(id)));
  const aligned = byId.map((run) => ids.flatMap((id) => run.get(id) ?? []));
  const isNumber = aligned.every((run) => run.every(({ error }) => error !== undefined));
  const statistics = isNumber ? { ...ACCURACIES, ...NUMBERS } : ACCURACIES;
  return {
    n: ids.length,
    measures: Object.fromEntries(
      Object.entries(statistics).map(([name, statistic]) => [name, measureOf(aligned, statistic)]),
    ),
  };
}

function measureOf(
  runs: readonly (readonly SeedPrediction[])[],
  statistic: Statistic,
): SeedsMeasure {
  const values = runs.map(statistic);
  return {
    values,
    seeds: values.length < 2 ? null : meanInterval(values),
    images: clusterBootstrap({
      clusters: runs[0]?.map(({ person }) => person) ?? [],
      statistic: (items) =>
        meanOf(runs.map((run) => statistic(items.flatMap((item) => run[item] ?? [])))),
    }),
  };
}
