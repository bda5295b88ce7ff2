import { OptionsError } from '@janus/core';
import { callerLine } from '../caller-line.js';

/** Runs `work` while unseeded randomness is an error that names the line. */
export function withFrozenChance<T>(work: () => T): T {
  const math = Math as { random: () => number };
  const original = math.random;
  math.random = () => {
    throw new OptionsError(
      `compile: random numbers in a step must come from a seed that is an input, but ${callerLine()} calls Math.random, which would freeze them. Use dropoutMask, or hand them in.`,
    );
  };
  try {
    return work();
  } finally {
    math.random = original;
  }
}
