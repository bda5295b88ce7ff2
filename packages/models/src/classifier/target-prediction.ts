/** What a classifier says of a target, from its logits. */
import { argMax } from './classifier-evaluate.js';
import { temperedProbabilities } from './classifier-measures.js';
import { expectedNumber } from './heads-scale.js';
import type { TargetDescription } from './heads.js';

/** What a classifier says of one target of an image. */
export interface TargetPrediction {
  /** The most probable class; of a number, its bin. */
  readonly prediction: string;
  /**
   * By class name; they add up to 1. Of a run of one target, after the temperature that its evaluation fitted, where there
   * is one.
   */
  readonly probabilities: Readonly<Record<string, number>>;
  /** Of a number: its expected value, in the unit of its column. */
  readonly value?: number;
}

/** Returns what the logits of one image say of a target. */
export function predictionOf(
  { classes, scale, temperature }: TargetDescription,
  logits: readonly number[],
): TargetPrediction {
  const [shares = []] = temperedProbabilities([logits], temperature);
  return {
    prediction: classes[argMax(shares)] ?? '',
    probabilities: Object.fromEntries(classes.map((name, c) => [name, shares[c] ?? 0])),
    ...(scale === undefined ? {} : { value: expectedNumber(shares, scale) }),
  };
}
