import { OptionsError } from '@janus/core';
import type { ImageMeasures } from './image-measures.js';

/** The numbers that rules about an image compare with their thresholds. */
export interface RuledImage extends ImageMeasures {
  /** In pixels. */
  readonly shorterSide: number;
  /** Shorter side divided by longer side, 0 to 1. */
  readonly squareness: number;
}

/** A rule that removes images by one number. */
interface ImageRule {
  readonly name: string;
  /** The number in words. */
  readonly measures: string;
  readonly measure: keyof RuledImage;
  readonly unit: string;
  /** How the number of a removed image compares with the threshold. */
  readonly removes: 'under' | 'at or under' | 'at or over';
  readonly threshold: number;
  /** Lowest and highest threshold that make sense. */
  readonly range: readonly [number, number];
  /** Whether it applies by default. */
  readonly on: boolean;
  /** The reason in the manifest of an image that it removed. */
  readonly reason: string;
  /** Where the threshold comes from. */
  readonly source: string;
}

/**
 * The rules about images, in the order in which they apply. The thresholds remove nothing that is recognisable in
 * 1,500 portraits of members of Congress, 540 FairFace faces, 1,060 horses and zebras, and generated faces.
 */
export const IMAGE_RULES: readonly ImageRule[] = [
  {
    name: 'small',
    measures: 'the shorter side',
    measure: 'shorterSide',
    unit: 'pixels',
    removes: 'under',
    threshold: 32,
    range: [1, 1e6],
    on: true,
    reason: 'too small',
    source: 'the least that VGG-16 takes',
  },
  {
    name: 'shape',
    measures: 'the shorter side divided by the longer side',
    measure: 'squareness',
    unit: 'ratio',
    removes: 'under',
    threshold: 0.35,
    range: [0, 1],
    on: true,
    reason: 'odd shape',
    source: "cleanvision's odd aspect ratio; the narrowest portrait is at 0.58",
  },
  {
    name: 'blank',
    measures: 'the standard deviation of the grey image of at most 128 x 128',
    measure: 'deviation',
    unit: 'grey values of 255',
    removes: 'at or under',
    threshold: 2,
    range: [0, 128],
    on: true,
    reason: 'blank',
    source:
      "one colour with JPEG's noise stays below 1; the flattest photograph is at 13, the flattest drawing at 10",
  },
  {
    name: 'plain',
    measures: 'the entropy of the grey histogram',
    measure: 'entropy',
    unit: 'bits of 8',
    removes: 'under',
    threshold: 1.5,
    range: [0, 8],
    on: true,
    reason: 'nearly blank',
    source:
      "half of cleanvision's 3 bits, which would remove good FairFace faces on black; the lowest of them is at 1.8",
  },
  {
    name: 'dark',
    measures: 'the grey value that 99 % of the pixels do not exceed',
    measure: 'percentile99',
    unit: 'grey values of 255',
    removes: 'under',
    threshold: 64,
    range: [0, 256],
    on: true,
    reason: 'too dark',
    source:
      "a quarter of the range; cleanvision's 82 would remove a recognisable FairFace face at 79",
  },
  {
    name: 'light',
    measures: 'the grey value that 5 % of the pixels do not exceed',
    measure: 'percentile5',
    unit: 'grey values of 255',
    removes: 'at or over',
    threshold: 242,
    range: [0, 256],
    on: true,
    reason: 'too light',
    source: "cleanvision's 0.95 of the range; the lightest photograph is at 138",
  },
  {
    name: 'blurry',
    measures: "the variance of the grey image's Laplacian at 128 x 128",
    measure: 'sharpness',
    unit: 'squared grey values',
    removes: 'under',
    threshold: 20,
    range: [0, 1e6],
    on: true,
    reason: 'blurry',
    source: 'Pech-Pacheco et al. 2000; the softest recognisable face is at 44',
  },
];

/** Thresholds of the rules that apply, by name. */
export type RuleThresholds = Readonly<Record<string, number>>;

/**
 * Returns the thresholds of the rules that apply.
 *
 * @param changes by rule: its threshold, or whether it applies with its default one
 * @throws OptionsError when there is no such rule, or its threshold is out of range
 */
export function ruleThresholds(
  changes: Readonly<Record<string, number | boolean>> = {},
): RuleThresholds {
  const names = IMAGE_RULES.map(({ name }) => name);
  const stray = Object.keys(changes).find((name) => !names.includes(name));
  if (stray !== undefined) {
    throw new OptionsError(
      `clean: a rule must be one of ${names.join(', ')}, but got ${stray}. Choose one of them.`,
    );
  }
  const thresholds: Record<string, number> = {};
  for (const { name, threshold, range, on } of IMAGE_RULES) {
    const change = changes[name] ?? on;
    if (change === false) continue;
    const chosen = change === true ? threshold : change;
    const [low, high] = range;
    if (!(chosen >= low && chosen <= high)) {
      throw new OptionsError(
        `clean: the threshold of ${name} must be from ${low} to ${high}, but got ${chosen}. Its default is ${threshold}.`,
      );
    }
    thresholds[name] = chosen;
  }
  return thresholds;
}

/** Returns the reason of the first rule that an image breaks; null when it breaks none. */
export function brokenRule(image: RuledImage, thresholds: RuleThresholds): string | null {
  for (const { name, measure, removes, reason } of IMAGE_RULES) {
    const threshold = thresholds[name];
    if (threshold === undefined) continue;
    const value = image[measure];
    if (removes === 'under' && value < threshold) return reason;
    if (removes === 'at or under' && value <= threshold) return reason;
    if (removes === 'at or over' && value >= threshold) return reason;
  }
  return null;
}
