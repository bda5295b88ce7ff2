import { OptionsError } from '@janus/core';
import type { ImageMeasures } from './image-measures.js';

/** What rules about an image are decided on. */
export interface RuledImage extends ImageMeasures {
  /** Pixels. */
  readonly shorterSide: number;
  /** Shorter side by longer side, 0 to 1. */
  readonly squareness: number;
}

/** A rule that takes images out by one number. */
interface ImageRule {
  readonly name: string;
  /** The number, and what it means, for people. */
  readonly measures: string;
  readonly measure: keyof RuledImage;
  readonly unit: string;
  /** How the number compares with the threshold when the image is taken out. */
  readonly removes: 'under' | 'at or under' | 'at or over';
  readonly threshold: number;
  /** Least and greatest threshold that make sense. */
  readonly range: readonly [number, number];
  /** Whether it is in force unless it is switched off. */
  readonly on: boolean;
  /** What the manifest says of an image that it took out. */
  readonly reason: string;
  /** Where the threshold comes from. */
  readonly source: string;
}

/**
 * The rules about images, in the order in which they are asked. Thresholds lie below everything that
 * is recognisable in 1,500 portraits of members of Congress, 540 FairFace faces, 1,060 horses and zebras
 * and the faces that this package draws.
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
    measures: 'the shorter side by the longer side',
    measure: 'squareness',
    unit: 'ratio',
    removes: 'under',
    threshold: 0.35,
    range: [0, 1],
    on: true,
    reason: 'odd shape',
    source: "cleanvision's odd aspect ratio; the longest portrait is at 0.58",
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
      "one colour with JPEG's noise stays under 1; the flattest real image is at 13, drawn at 10",
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
      "half of cleanvision's 3 bits, under which it finds good FairFace faces on black: the least is 1.8",
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
      "a quarter of the range; cleanvision's 82 finds a FairFace face that can be recognised (79)",
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
    source: "cleanvision's 0.95 of the range; the lightest real image is at 138",
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
    source: 'Pech-Pacheco et al. 2000; the softest face that can be recognised is at 44',
  },
];

/** Thresholds of the rules that are in force, by name. */
export type RuleThresholds = Readonly<Record<string, number>>;

/**
 * Returns the thresholds of the rules in force.
 *
 * @param changes a threshold, or whether the default one is in force
 * @throws OptionsError when there is no such rule, or its threshold makes no sense
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
    const [least, most] = range;
    if (!(chosen >= least && chosen <= most)) {
      throw new OptionsError(
        `clean: the threshold of ${name} must be from ${least} to ${most}, but got ${chosen}. Its default is ${threshold}.`,
      );
    }
    thresholds[name] = chosen;
  }
  return thresholds;
}

/** Returns why an image is not fit for use, by the first rule that it breaks; null when by none. */
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
