/** The imbalances in a data statement: classes, ages, splits, associated labels, people. */
import { ageColumnKind, countText } from '@janus/core';
import type { Counts } from '../manifest/manifest-question.js';
import type { DatasetStats } from '../explore/dataset-stats.js';
import {
  isBookkeeping,
  NOTABLE_P,
  NOTABLE_V,
  type AssociationReport,
  type LabelAssociation,
} from '../explore/label-associations.js';
import { joined, listText, numberText, plain, shareText, tableText } from './markdown.js';

/** Most associations that are shown with their tables. */
const MAX_TABLES = 6;

/** Ratio of the largest to the smallest class above which a column is called imbalanced. */
const UNEVEN_RATIO = 1.5;

/** Most values of a column of classes: with more, they are usually names. */
const MAX_CLASSES = 20;

/** Difference of a share between two splits above which it is named, as a fraction. */
const UNEVEN_SPLIT = 0.05;

const sum = (counts: Counts): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** Returns the label columns that are classes, with their counts. */
function classColumns(stats: DatasetStats): readonly (readonly [string, Counts])[] {
  return Object.entries(stats.values).filter(([name, counts]) => {
    const classes = Object.keys(counts).length;
    return !isBookkeeping(name) && classes >= 2 && classes <= MAX_CLASSES;
  });
}

/** Returns the paragraphs under the heading of imbalances. */
export function skewsText(stats: DatasetStats, associations: AssociationReport): string {
  return [ratiosText(stats), agesText(stats), repeatsText(stats), togetherText(associations)]
    .filter((text) => text !== '')
    .join('\n\n');
}

const NOTHING: readonly [string, number] = ['', 0];

function ratiosText(stats: DatasetStats): string {
  const columns = classColumns(stats).map(([name, counts]) => {
    const sorted = Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const most = sorted[0] ?? NOTHING;
    const least = sorted.at(-1) ?? NOTHING;
    return { name, most, least, ratio: most[1] / Math.max(1, least[1]) };
  });
  const uneven = columns
    .filter(({ ratio }) => ratio > UNEVEN_RATIO)
    .sort((a, b) => b.ratio - a.ratio);
  const even = columns.filter(({ ratio }) => ratio <= UNEVEN_RATIO).map(({ name }) => plain(name));
  const parts: string[] = [];
  if (uneven.length > 0) {
    parts.push(
      `Largest to smallest class:\n\n${tableText(
        ['column', 'ratio', 'largest', 'smallest'],
        uneven.map(({ name, most, least, ratio }) => [
          plain(name),
          `${ratio < 100 ? numberText(Number(ratio.toPrecision(3))) : countText(Math.round(ratio))} to 1`,
          `${plain(most[0])} ${countText(most[1])}`,
          `${plain(least[0])} ${countText(least[1])}`,
        ]),
      )}`,
    );
  }
  if (even.length > 0) {
    parts.push(`Balanced to within ${numberText(UNEVEN_RATIO)} to 1: ${joined(even)}.`);
  }
  return parts.join('\n\n');
}

function agesText(stats: DatasetStats): string {
  const names = Object.keys(stats.missing).filter((name) => ageColumnKind(name) !== undefined);
  return listText(
    names.flatMap((name) => {
      const found = stats.numbers[name];
      if (found !== undefined) {
        const { min, median, max, n } = found;
        return [
          `**${plain(name)}**: ${numberText(min)} to ${numberText(max)}, median ${numberText(median)} (n = ${countText(n)}).`,
        ];
      }
      const bands = Object.keys(stats.values[name] ?? {}).length;
      return bands === 0
        ? []
        : [`**${plain(name)}** is given in ${bands} bands; exact ages are not known.`];
    }),
  );
}

function repeatsText({ repeated, kept }: DatasetStats): string {
  if (repeated.identities === 0) return '';
  return `${countText(repeated.identities)} people have several images: ${countText(repeated.rows)} of ${countText(kept)} (${shareText(repeated.rows, kept)}). Images of one person are not independent: a split must keep them together, and an interval must count people, not images.`;
}

function togetherText(report: AssociationReport): string {
  const { notable, pairs, rows, sampled } = report;
  if (pairs === 0) return '';
  const looked = `${pairs === 1 ? 'the one pair' : `all ${countText(pairs)} pairs`} of label columns (${sampled ? `a sample of ${countText(rows)} images` : `${countText(rows)} images`}; numbers divided into quarters)`;
  const measure = `Cramér's V with Bergsma's bias correction, 0 for independent columns and 1 where one determines the other; notable from ${NOTABLE_V} on, if a chi-square test of independence gives p < ${NOTABLE_P} divided by the number of pairs`;
  if (notable.length === 0) {
    return `**Associated labels**: none among ${looked}. The measure is ${measure}.`;
  }
  const shown = notable.slice(0, MAX_TABLES);
  const rest = notable
    .slice(MAX_TABLES)
    .map(
      ({ first, second, cramersV }) =>
        `${plain(first)} and ${plain(second)} (V = ${cramersV.toFixed(2)})`,
    );
  return [
    `**Associated labels**, among ${looked}. A model that learns one of them may rely on the other. The measure is ${measure}. Percentages are of a row.`,
    ...shown.map(associationText),
    ...(rest.length === 0 ? [] : [`Also: ${joined(rest)}.`]),
  ].join('\n\n');
}

/** Most rows and columns of a table that fit on a page. */
const MAX_ROWS = 9;

function associationText(association: LabelAssociation): string {
  // The one with more values becomes the rows.
  const { first, second, firstValues, secondValues, counts, cramersV, n } =
    association.firstValues.length >= association.secondValues.length
      ? association
      : transposed(association);
  const caption = `${plain(first)} and ${plain(second)}: V = ${cramersV.toFixed(2)}, n = ${countText(n)}`;
  if (firstValues.length > MAX_ROWS || secondValues.length > MAX_ROWS) return `${caption}.`;
  const table = tableText(
    [plain(first), ...secondValues.map(plain)],
    firstValues.map((value, i) => {
      const own = counts[i] ?? [];
      const total = own.reduce((a, b) => a + b, 0);
      return [
        plain(value),
        ...own.map((count) => `${countText(count)} (${shareText(count, total)})`),
      ];
    }),
  );
  return `${caption}\n\n${table}`;
}

function transposed(association: LabelAssociation): LabelAssociation {
  const { first, second, firstValues, secondValues, counts } = association;
  return {
    ...association,
    first: second,
    second: first,
    firstValues: secondValues,
    secondValues: firstValues,
    counts: secondValues.map((_, j) => counts.map((row) => row[j] ?? 0)),
  };
}

/** Returns the paragraphs under the heading of the splits. */
export function splitsText(stats: DatasetStats): string {
  const { splits, kept } = stats;
  const total = sum(splits);
  if (total === 0) return 'Not split yet.';
  const names = ['train', 'validation', 'test'].filter((name) => (splits[name] ?? 0) > 0);
  const table = tableText(
    ['split', 'images', 'share'],
    names.map((name) => [name, countText(splits[name] ?? 0), shareText(splits[name] ?? 0, total)]),
  );
  const parts = [table];
  if (total < kept) {
    parts.push(`${countText(kept - total)} kept images are in no split.`);
  }
  const drifts = classColumns(stats)
    .flatMap(([name]) => driftOf(stats, name, names))
    .sort((a, b) => b.points - a.points);
  const far = drifts.filter(({ points }) => points > UNEVEN_SPLIT);
  const [most] = drifts;
  if (far.length > 0) {
    parts.push(
      `Shares that differ by more than ${100 * UNEVEN_SPLIT} percentage points between splits: ${joined(far.slice(0, MAX_TABLES).map(driftText))}${far.length > MAX_TABLES ? ` (and ${far.length - MAX_TABLES} more)` : ''}.`,
    );
  } else if (most !== undefined) {
    parts.push(
      `No share differs by more than ${100 * UNEVEN_SPLIT} percentage points between splits; the largest difference is ${driftText(most)}.`,
    );
  }
  return parts.join('\n\n');
}

/** The value of a column whose share differs most between two splits. */
interface Drift {
  readonly name: string;
  readonly value: string;
  readonly low: { readonly split: string; readonly share: number };
  readonly high: { readonly split: string; readonly share: number };
  readonly points: number;
}

function driftOf(stats: DatasetStats, name: string, splits: readonly string[]): readonly Drift[] {
  const bySplit = stats.splitValues[name] ?? {};
  const known = splits.filter((split) => sum(bySplit[split] ?? {}) > 0);
  const drifts = Object.keys(stats.values[name] ?? {}).map((value): Drift => {
    const shares = known
      .map((split) => ({
        split,
        share: (bySplit[split]?.[value] ?? 0) / sum(bySplit[split] ?? {}),
      }))
      .sort((a, b) => a.share - b.share);
    const none = { split: '', share: 0 };
    const [low, high] = [shares[0] ?? none, shares.at(-1) ?? none];
    return { name, value, low, high, points: high.share - low.share };
  });
  return drifts.sort((a, b) => b.points - a.points).slice(0, 1);
}

function driftText({ name, value, low, high }: Drift): string {
  return `${plain(name)} ${plain(value)} (${shareText(low.share, 1)} of ${low.split}, ${shareText(high.share, 1)} of ${high.split})`;
}
