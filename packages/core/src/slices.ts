/** How a classifier fares on groups of images, and how far the groups lie apart. */
import type { BandedColumn } from './banded-column.js';
import { streamOf } from './random.js';
import { accuracyOf, shareOf } from './share-intervals.js';
import { clusterBootstrap, type Interval } from './statistics.js';

/** One group of images: those with certain values of certain columns. */
export interface SliceCell {
  /** One per column of the frame. */
  readonly values: readonly string[];
  readonly n: number;
  /** Absent where the group has fewer images than the smallest that is measured. */
  readonly accuracy?: Interval | undefined;
  /** Accuracy of always naming the group's commonest class, 0 to 1. */
  readonly majority?: number | undefined;
  /** Share of each class's images in the group that were predicted as it, 0 to 1; classes without images are absent. */
  readonly recalls?: Readonly<Record<string, number>> | undefined;
  /** Share of the group that was predicted as each class, 0 to 1, right or not. */
  readonly selected?: Readonly<Record<string, number>> | undefined;
}

/** The groups of one column, or the intersections of two. */
export interface SliceFrame {
  readonly columns: readonly string[];
  /** Images that have a value in each column. */
  readonly n: number;
  /** In the order of the columns' values; intersections without an image are left out. */
  readonly cells: readonly SliceCell[];
  /**
   * Highest accuracy of a group less the lowest, among those that are large enough; absent where fewer than two are. By
   * chance alone it lies above 0: its `p` says whether it may be chance.
   */
  readonly difference?: Interval | undefined;
  /** Lowest accuracy over the highest. */
  readonly ratio?: number | undefined;
  /** Largest difference between groups in the share that is predicted as a class, over the classes. */
  readonly demographicParity?: number | undefined;
  /** Largest difference between groups in a class's recall or false positive rate, over the classes. */
  readonly equalizedOdds?: number | undefined;
  /**
   * How often images shuffled among the groups differ as much in their shares of right ones, 0 to 1; absent where people
   * repeat, whose images do not shuffle.
   */
  readonly p?: number | undefined;
}

/** What slices are made of. */
export interface SlicedPredictions {
  readonly classes: readonly string[];
  /** Class numbers. */
  readonly labels: readonly number[];
  readonly predicted: readonly number[];
  /** The person of each image. */
  readonly clusters: readonly string[];
}

/** Smallest group whose accuracy is given: below, a 95 % interval is wider than 40 points. */
export const MIN_CELL = 20;

/** Shuffles of the test of a frame: the smallest p is 0.001. */
const SHUFFLES = 999;

/** A column with its name. */
export interface NamedColumn extends BandedColumn {
  readonly name: string;
}

/**
 * Measures the groups of a column, or the intersections of several.
 *
 * @param columns one entry per image of the predictions each
 * @param minCell smallest group that is measured; default {@link MIN_CELL}
 * Source: Buolamwini and Gebru 2018 (Gender Shades), PMLR 81; differences and ratios as in fairlearn's `MetricFrame`.
 */
export function sliceFrame(
  predictions: SlicedPredictions,
  columns: readonly NamedColumn[],
  minCell: number = MIN_CELL,
): SliceFrame {
  const { clusters } = predictions;
  const groups = groupsOf(columns, clusters.length);
  const members = groups.flatMap(({ items }) => items);
  const repeat = new Set(members.map((i) => clusters[i])).size < members.length;
  const frame = { columns: columns.map(({ name }) => name), n: members.length };
  const measured = groups.filter(({ items }) => items.length >= minCell);
  const cells = groups.map(({ values, items }): SliceCell => ({
    values,
    n: items.length,
    ...(items.length < minCell ? {} : cellMeasures(predictions, items)),
  }));
  if (measured.length < 2) return { ...frame, cells };
  const right = predictions.labels.map((label, i) => label === predictions.predicted[i]);
  const rates = measured.map(({ items }) => shareOf(items, right));
  return {
    ...frame,
    cells,
    difference: accuracyDifference(measured, right, clusters),
    ratio: Math.max(...rates) === 0 ? 1 : Math.min(...rates) / Math.max(...rates),
    ...classDifferences(predictions, measured),
    ...(repeat ? {} : { p: shuffleTest(measured, right) }),
  };
}

/** Images with the same values. */
interface Group {
  readonly values: readonly string[];
  readonly items: readonly number[];
}

function groupsOf(columns: readonly NamedColumn[], count: number): readonly Group[] {
  const found = new Map<string, { places: readonly number[]; items: number[] }>();
  for (let i = 0; i < count; i++) {
    const places = columns.map(({ of }) => of[i] ?? -1);
    if (places.includes(-1)) continue;
    const key = places.join(' ');
    const group = found.get(key);
    if (group === undefined) found.set(key, { places, items: [i] });
    else group.items.push(i);
  }
  return [...found.values()]
    .sort((a, b) => {
      const at = a.places.findIndex((place, k) => place !== b.places[k]);
      return (a.places[at] ?? 0) - (b.places[at] ?? 0);
    })
    .map(({ places, items }) => ({
      values: columns.map(({ groups }, k) => groups[places[k] ?? 0] ?? ''),
      items,
    }));
}

type CellMeasures = Omit<SliceCell, 'values' | 'n'>;

function cellMeasures(predictions: SlicedPredictions, items: readonly number[]): CellMeasures {
  const { classes, labels, predicted, clusters } = predictions;
  const right = labels.map((label, i) => label === predicted[i]);
  const counts = classes.map((_, c) => items.filter((i) => labels[i] === c).length);
  const share = (test: (i: number) => boolean, of: number): number =>
    items.filter(test).length / of;
  return {
    accuracy: accuracyOf(right, clusters, items),
    majority: Math.max(...counts) / items.length,
    recalls: Object.fromEntries(
      classes.flatMap((name, c) => {
        const n = counts[c] ?? 0;
        return n === 0 ? [] : [[name, share((i) => labels[i] === c && predicted[i] === c, n)]];
      }),
    ),
    selected: Object.fromEntries(
      classes.map((name, c) => [name, share((i) => predicted[i] === c, items.length)]),
    ),
  };
}

/** The difference between the best and the worst group, over resampled people. */
function accuracyDifference(
  groups: readonly Group[],
  right: readonly boolean[],
  clusters: readonly string[],
): Interval {
  const items = groups.flatMap((group) => group.items);
  const groupOf = groups.flatMap((group, g) => group.items.map(() => g));
  return clusterBootstrap({
    clusters: items.map((i) => clusters[i] ?? ''),
    statistic: (drawn) => {
      const counts = groups.map(() => ({ n: 0, right: 0 }));
      for (const k of drawn) {
        const count = counts[groupOf[k] ?? 0];
        if (count === undefined) continue;
        count.n++;
        if (right[items[k] ?? 0] === true) count.right++;
      }
      return spread(counts.flatMap((count) => (count.n === 0 ? [] : [count.right / count.n])));
    },
  });
}

const spread = (rates: readonly number[]): number =>
  rates.length === 0 ? 0 : Math.max(...rates) - Math.min(...rates);

/** Demographic parity and equalised odds, as fairlearn defines them for each class against the others. */
function classDifferences(
  { classes, labels, predicted }: SlicedPredictions,
  groups: readonly Group[],
): Pick<SliceFrame, 'demographicParity' | 'equalizedOdds'> {
  const rate = (c: number, among: (label: number) => boolean): number =>
    spread(
      groups.flatMap(({ items }) => {
        const own = items.filter((i) => among(labels[i] ?? -1));
        if (own.length === 0) return [];
        return [own.filter((i) => predicted[i] === c).length / own.length];
      }),
    );
  const all = classes.map((_, c) => c);
  return {
    demographicParity: Math.max(...all.map((c) => rate(c, () => true))),
    equalizedOdds: Math.max(
      ...all.map((c) => rate(c, (label) => label === c)),
      ...all.map((c) => rate(c, (label) => label !== c)),
    ),
  };
}

/** The chance of groups whose right ones differ as much, by Pearson's statistic, when images are dealt to them again. */
function shuffleTest(groups: readonly Group[], right: readonly boolean[]): number {
  const items = groups.flatMap((group) => group.items);
  const drawn = items.map((i) => (right[i] === true ? 1 : 0));
  const statistic = (): number => {
    let at = 0;
    // The rest of the statistic is the same for all orders.
    return groups.reduce((sum, group) => {
      let hits = 0;
      for (const end = at + group.items.length; at < end; at++) hits += drawn[at] ?? 0;
      return sum + (hits * hits) / group.items.length;
    }, 0);
  };
  const found = statistic();
  const stream = streamOf(1, 'slices');
  let asLarge = 0;
  for (let shuffle = 0; shuffle < SHUFFLES; shuffle++) {
    for (let i = drawn.length - 1; i > 0; i--) {
      const j = stream.integer(i + 1);
      const kept = drawn[i] ?? 0;
      drawn[i] = drawn[j] ?? 0;
      drawn[j] = kept;
    }
    if (statistic() >= found - 1e-9) asLarge++;
  }
  return (asLarge + 1) / (SHUFFLES + 1);
}
