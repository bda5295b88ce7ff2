import { OptionsError, type ProgressListener } from '@janus/core';
import { ruleThresholds, type RuleThresholds } from './clean-rules.js';
import { isDate } from './known-age.js';
import { MAX_HASH_DISTANCE } from '../duplicates/near-duplicates.js';
import type { ConflictPolicy } from '../duplicates/same-images.js';

/** Rules of {@link cleanDataset}. */
export interface CleanOptions {
  /** Shorter side in pixels; the same as `rules: { small }`. Default 32. */
  readonly minSize?: number;
  /** Thresholds of rules about images, or whether the default ones are in force: see `IMAGE_RULES`. */
  readonly rules?: Readonly<Record<string, number | boolean>>;
  /** Label columns in which `unknownValues` (or nothing) remove the row; default none. */
  readonly labels?: readonly string[];
  /** Default `unknown` and the empty text, whatever their case. */
  readonly unknownValues?: readonly string[];
  /**
   * Years under which somebody is taken out; of a band (`3-9`) the least counts, and who has no known age
   * is taken out too. Default none: nobody's age is asked.
   */
  readonly minAge?: number;
  /** Column of ages or age bands; default `age`. */
  readonly ageColumn?: string;
  /** Column of birth years or dates, instead of ages; needs `ageAt`. */
  readonly birthColumn?: string;
  /** When the image was taken: a year or date (ISO 8601), or the column that has it. */
  readonly ageAt?: string;
  /** Whether the second and later of byte-identical images are removed; default true. */
  readonly duplicates?: boolean;
  /**
   * Differing bits of perceptual hashes, 0 to 32, up to which images are one, of which the largest
   * stays; null: all stay. Default {@link CLEAN_NEAR_DISTANCE}, or null where `duplicates` is false.
   */
  readonly nearDuplicates?: number | null;
  /**
   * What becomes of same images whose `labels` differ: all go (the default, for nobody knows which is
   * right), all but those labelled as the first, or they are counted only.
   */
  readonly conflicts?: ConflictPolicy;
  readonly report?: ProgressListener;
}

/**
 * Equal hashes only: among 1,500 portraits of members of Congress, all pairs of equal hashes show one
 * photograph, and the first pairs of different people differ in 2 bits.
 */
export const CLEAN_NEAR_DISTANCE = 0;

/** How ages are asked for. */
interface AgeOptions {
  readonly minAge: number;
  readonly ageColumn: string | null;
  readonly birthColumn: string | null;
  readonly ageAt: string | null;
}

/** Options with all their values, as they are recorded; what is not asked for is null. */
export interface ResolvedCleanOptions {
  readonly rules: RuleThresholds;
  readonly labels: readonly string[];
  readonly unknownValues: readonly string[];
  readonly age: AgeOptions | null;
  readonly duplicates: boolean;
  readonly nearDuplicates: number | null;
  readonly conflicts: ConflictPolicy;
}

/**
 * Returns options with their defaults.
 *
 * @param columns the label columns that there are
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
      `clean: nearDuplicates must be whole bits from 0 to ${MAX_HASH_DISTANCE}, or off, but got ${nearDuplicates}. Try ${CLEAN_NEAR_DISTANCE}.`,
    );
  }
  return {
    rules: ruleThresholds({
      ...(minSize === undefined ? {} : { small: minSize }),
      ...options.rules,
    }),
    labels,
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
      `clean: ${stray[0]} says where ages stand, but no minAge is asked for. Give minAge, or leave it out.`,
    );
  }
  if (!(minAge >= 0 && minAge <= 200)) {
    throw new OptionsError(
      `clean: minAge must be years from 0 to 200, but got ${minAge}. The paper's is 4.`,
    );
  }
  if ((birthColumn === undefined) !== (ageAt === undefined)) {
    throw new OptionsError(
      `clean: birthColumn and ageAt make an age together, but got only ${birthColumn === undefined ? 'ageAt' : 'birthColumn'}. Give both, or ageColumn.`,
    );
  }
  if (birthColumn !== undefined && ageColumn !== undefined) {
    throw new OptionsError(
      `clean: ages stand in one place, but got ageColumn ${ageColumn} and birthColumn ${birthColumn}. Give one of them.`,
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
    `clean: ${option} must be columns of the data (${columns.join(', ')}), but got ${name}. Choose one of them.`,
  );
}
