/** A number told as one of several bins: the steps between a column of numbers and the classes of a head. */
import {
  binEdge,
  EDGE_TOLERANCE,
  medianOf,
  OptionsError,
  parseRange,
  roundBinWidth,
  type NumberRange,
} from '@janus/core';

/** The bins of a number, from low to high, in the unit of its column. */
export interface OrderedScale {
  /** Where each bin but the first begins; a number below all of them is in the first bin. */
  readonly edges: readonly number[];
  /** What stands for each bin: the mean of its training values. */
  readonly centres: readonly number[];
  /** Median of the training values: the best that naming one number always can do. */
  readonly median: number;
}

/** Bins with their names. */
export interface NamedScale {
  readonly scale: OrderedScale;
  /** One name a bin, such as `20-24`. */
  readonly classes: readonly string[];
}

/** Options of {@link scaleOfNumbers}. */
export interface ScaleOptions {
  /**
   * Width of a bin in the unit of the values, above 0. Default: a round one for at most 16 bins, which is 5 years for
   * the ages of adults.
   */
  readonly width?: number;
}

/** Bins at most where no width is given: 5 years each for ages from 18 to 80. */
const MAX_BINS = 16;

/** Values that a bin has at least: fewer are added to the next one, since a class of one image cannot be learned. */
const ENOUGH_VALUES = 5;

/**
 * Returns the bins of training values: of one width, with edges at its multiples; a bin of fewer than 5 values is joined
 * to the next one.
 *
 * @param values finite
 * @throws OptionsError when the width is not above 0, or all values are in one bin
 */
export function scaleOfNumbers(values: readonly number[], options: ScaleOptions = {}): NamedScale {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = NaN, high = NaN] = [sorted[0], sorted.at(-1)];
  const whole = sorted.every(Number.isInteger);
  const { width = roundBinWidth(low, high, { maxBins: MAX_BINS, whole }) } = options;
  if (!(width > 0)) {
    throw new OptionsError(
      `bins: the width must be above 0, but got ${width}. Give it in the unit of the column, such as 5 for years.`,
    );
  }
  const binOf = (value: number): number => Math.floor(value / width + EDGE_TOLERANCE);
  const members: Bin[] = [];
  for (const value of sorted) {
    const bin = binOf(value);
    const last = members.at(-1);
    const isFull = last !== undefined && last.values.length >= ENOUGH_VALUES;
    if (last === undefined || (isFull && bin > binOf(last.values.at(-1) ?? NaN))) {
      members.push({ first: bin, values: [value] });
    } else last.values.push(value);
  }
  joinShortEnd(members);
  if (members.length < 2) {
    throw new OptionsError(
      `bins: the ${values.length} training values from ${low} to ${high} must fill at least two bins of ${ENOUGH_VALUES}, but fill ${members.length} of width ${width}. Give a smaller width, or more images.`,
    );
  }
  const edges = members.slice(1).map(({ first }) => binEdge({ first, width }, 0));
  const ends = [...edges, binEdge({ first: binOf(high) + 1, width }, 0)];
  return {
    scale: {
      edges,
      centres: members.map(({ values: own }) => own.reduce((a, b) => a + b, 0) / own.length),
      median: medianOf(sorted),
    },
    classes: ends.map((end, i) => {
      const start = binEdge({ first: members[i]?.first ?? 0, width }, 0);
      if (!whole || !Number.isInteger(width)) return `${start} to ${end}`;
      return end - start === 1 ? String(start) : `${start}-${end - 1}`;
    }),
  };
}

/** A bin, as a multiple of the width, with its values. */
interface Bin {
  readonly first: number;
  readonly values: number[];
}

/** Adds the last bin to the one before when it has too few values. */
function joinShortEnd(members: Bin[]): void {
  const last = members.at(-1);
  const before = members.at(-2);
  if (last === undefined || before === undefined || last.values.length >= ENOUGH_VALUES) return;
  before.values.push(...last.values);
  members.pop();
}

/** A text that names a range, and the number that stands for it. */
export interface RangeValue extends NumberRange {
  readonly text: string;
  /** The middle of the range; an open range is taken to be as wide as its neighbour. */
  readonly middle: number;
}

/**
 * Returns the ranges that texts name, from low to high; undefined where a text is not a range, none is wider than a
 * number, or two overlap.
 *
 * @param texts all different
 */
export function rangesOf(texts: readonly string[]): readonly RangeValue[] | undefined {
  const ranges = texts.flatMap((text) => {
    const range = parseRange(text);
    return range === undefined ? [] : [{ text, ...range }];
  });
  if (ranges.length < texts.length || ranges.length < 2) return undefined;
  ranges.sort((a, b) => a.low - b.low || a.high - b.high);
  const overlap = ranges.some(({ low }, i) => i > 0 && low < (ranges[i - 1]?.high ?? -Infinity));
  if (overlap || ranges.every(({ low, high }) => low === high)) return undefined;
  const widthAt = (i: number): number => {
    const { low = NaN, high = NaN } = ranges[i] ?? {};
    return Number.isFinite(high - low) ? high - low : 0;
  };
  return ranges.map((range, i) => {
    const { low, high } = range;
    if (high === Infinity) return { ...range, middle: low + widthAt(i - 1) / 2 };
    if (low === -Infinity) return { ...range, middle: high - widthAt(i + 1) / 2 };
    return { ...range, middle: (low + high) / 2 };
  });
}

/** Returns the scale whose bins are ranges, each stood for by its middle. */
export function scaleOfRanges(
  ranges: readonly RangeValue[],
  values: readonly number[],
): NamedScale {
  return {
    scale: {
      edges: ranges.slice(1).map(({ low }) => low),
      centres: ranges.map(({ middle }) => middle),
      median: medianOf(values),
    },
    classes: ranges.map(({ text }) => text),
  };
}

/** Returns the bin of a number, counted from 0; beyond the ends, the first or last. */
export function binOfNumber(value: number, { edges }: Pick<OrderedScale, 'edges'>): number {
  return edges.reduce((bin, edge, i) => (value >= edge ? i + 1 : bin), 0);
}

/** Returns the number that probabilities of the bins expect: the mean of the centres, weighted by them. */
export function expectedNumber(
  probabilities: ArrayLike<number>,
  { centres }: Pick<OrderedScale, 'centres'>,
): number {
  return centres.reduce((sum, centre, i) => sum + centre * (probabilities[i] ?? 0), 0);
}
