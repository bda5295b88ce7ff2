import { OptionsError, type ProgressListener } from '@janus/core';
import { ruleThresholds, type RuleThresholds } from './clean-rules.js';
import { isDate } from './known-age.js';
import { MAX_HASH_DISTANCE } from '../duplicates/near-duplicates.js';
import type { ConflictPolicy } from '../duplicates/same-images.js';
import type { LabelDecisions } from '../review/label-decisions.js';

/** Options of {@link cleanDataset}. */
export interface CleanOptions {
  /**
   * Shorter side below which an image is removed, in pixels; the same as `rules: { small }`. Default 32,
   * the least that VGG-16 takes.
   */
  readonly minSize?: number;
  /**
   * By rule of {@link IMAGE_RULES}: its threshold, or whether it applies with its default one. Default: as
   * listed there.
   */
  readonly rules?: Readonly<Record<string, number | boolean>>;
  /**
   * Label columns in which an unknown value removes the row, and which copies of one image must agree in; default none.
   * Copies must agree in the label of a data set that has one alone, whether it is named or not.
   */
  readonly labels?: readonly string[];
  /**
   * Values that count as unknown, regardless of case; default `unknown` and the empty text, which also
   * means no value.
   */
  readonly unknownValues?: readonly string[];
  /**
   * Age below which a row is removed, 0 to 200 years; of a band (`3-9`) the lower end counts, and rows of unknown
   * age are removed too. Default none: ages are not read.
   */
  readonly minAge?: number;
  /** Column of ages in years or of age bands; default `age`. */
  readonly ageColumn?: string;
  /** Column of birth years or dates, instead of ages; needs `ageAt`. */
  readonly birthColumn?: string;
  /** When the images were taken: a year or date (ISO 8601), or the column of these. */
  readonly ageAt?: string;
  /** Whether all but the first of byte-identical images are removed; default true. */
  readonly duplicates?: boolean;
  /**
   * Most bits in which the perceptual hashes of near duplicates differ, 0 to 32; the largest image of them stays.
   * Null: all stay. Default {@link CLEAN_NEAR_DISTANCE}, or null where `duplicates` is false.
   */
  readonly nearDuplicates?: number | null;
  /**
   * What happens to copies of one image whose labels differ: `remove-all` (default, since nothing says which label
   * is right), `keep-first` removes those labelled differently from the first, `report` only counts them.
   */
  readonly conflicts?: ConflictPolicy;
  /**
   * What a person decided about labels, applied before all rules and kept in the folder: later cleans need not be given
   * it again. Default: what was kept there before.
   */
  readonly decisions?: LabelDecisions;
  readonly report?: ProgressListener;
}

/**
 * Equal hashes only: among 1,500 portraits of members of Congress, all pairs of equal hashes show one
 * photograph, and the first pairs of different people differ in 2 bits.
 */
export const CLEAN_NEAR_DISTANCE = 0;

/** Where ages are found. */
interface AgeOptions {
  readonly minAge: number;
  readonly ageColumn: string | null;
  readonly birthColumn: string | null;
  readonly ageAt: string | null;
}

/** {@link CleanOptions} with their defaults, as they are recorded; null for an option without a value. */
export interface ResolvedCleanOptions {
  readonly rules: RuleThresholds;
  readonly labels: readonly string[];
  /** Columns that copies of one image must agree in: `labels`, or the only one of the data. */
  readonly agreeing: readonly string[];
  readonly unknownValues: readonly string[];
  readonly age: AgeOptions | null;
  readonly duplicates: boolean;
  readonly nearDuplicates: number | null;
  readonly conflicts: ConflictPolicy;
}

/**
 * Returns options with their defaults.
 *
 * @param columns the label columns of the data
 * @throws OptionsError when a value breaks a rule, or a column does not exist
 */
export function resolveCleanOptions(
  options: CleanOptions,
  columns: readonly string[],
): ResolvedCleanOptions {
  const { minSize, labels = [], duplicates = true, conflicts = 'remove-all' } = options;
  const age = ageOptions(options);
  const { nearDuplicates = duplicates ? CLEAN_NEAR_DISTANCE : null } = options;
  for (const label of labels) requireColumn('labels', label, columns);
  if (age !== null) {
    const { ageColumn, birthColumn, ageAt } = age;
    if (ageColumn !== null) requireColumn('ageColumn', ageColumn, columns);
    if (birthColumn !== null) requireColumn('birthColumn', birthColumn, columns);
    if (ageAt !== null && !isDate(ageAt)) requireColumn('ageAt', ageAt, columns);
  }
  if (
    nearDuplicates !== null &&
    !(
      Number.isInteger(nearDuplicates) &&
      nearDuplicates >= 0 &&
      nearDuplicates <= MAX_HASH_DISTANCE
    )
  ) {
    throw new OptionsError(
      `clean: nearDuplicates must be a whole number of bits from 0 to ${MAX_HASH_DISTANCE}, or off, but got ${nearDuplicates}. Try ${CLEAN_NEAR_DISTANCE}.`,
    );
  }
  return {
    rules: ruleThresholds({
      ...(minSize === undefined ? {} : { small: minSize }),
      ...options.rules,
    }),
    labels,
    agreeing: labels.length > 0 || columns.length > 1 ? labels : columns,
    unknownValues: (options.unknownValues ?? ['unknown', '']).map((value) => value.toLowerCase()),
    age,
    duplicates,
    nearDuplicates,
    conflicts,
  };
}

function ageOptions(options: CleanOptions): AgeOptions | null {
  const { minAge, ageColumn, birthColumn, ageAt } = options;
  if (minAge === undefined) {
    const stray = Object.entries({ ageColumn, birthColumn, ageAt }).find(
      ([, value]) => value !== undefined,
    );
    if (stray === undefined) return null;
    throw new OptionsError(
      `clean: ${stray[0]} needs minAge, but minAge is not given. Add minAge, or leave ${stray[0]} out.`,
    );
  }
  if (!(minAge >= 0 && minAge <= 200)) {
    throw new OptionsError(
      `clean: minAge must be a number of years from 0 to 200, but got ${minAge}. The paper's is 4.`,
    );
  }
  if ((birthColumn === undefined) !== (ageAt === undefined)) {
    throw new OptionsError(
      `clean: birthColumn and ageAt must be given together, but got only ${birthColumn === undefined ? 'ageAt' : 'birthColumn'}. Give both, or ageColumn.`,
    );
  }
  if (birthColumn !== undefined && ageColumn !== undefined) {
    throw new OptionsError(
      `clean: ages come from one column, but got ageColumn ${ageColumn} and birthColumn ${birthColumn}. Give one of them.`,
    );
  }
  return {
    minAge,
    ageColumn: birthColumn === undefined ? (ageColumn ?? 'age') : null,
    birthColumn: birthColumn ?? null,
    ageAt: ageAt ?? null,
  };
}

function requireColumn(option: string, name: string, columns: readonly string[]): void {
  if (columns.includes(name)) return;
  throw new OptionsError(
    `clean: ${option} must name columns of the data (${columns.join(', ')}), but got ${name}. Choose one of them.`,
  );
}
