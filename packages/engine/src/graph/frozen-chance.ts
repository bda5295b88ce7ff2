import { OptionsError } from '@janus/core';
import { callerLine } from '../caller-line.js';

/**
 * Returns what `work` returns; while it runs, `Math.random` throws.
 *
 * @throws OptionsError that names the line which calls `Math.random`
 */
export function withFrozenChance<T>(work: () => T): T {
  const math = Math as { random: () => number };
  const original = math.random;
  math.random = () => {
    throw new OptionsError(
      `compile: random numbers in a step must come from a seed that is an input, but ${callerLine()} calls Math.random, which would freeze them. Use dropoutMask, or pass the numbers as an input.`,
    );
  };
  try {
    return work();
  } finally {
    math.random = original;
  }
}
