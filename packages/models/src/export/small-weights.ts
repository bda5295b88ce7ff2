/** Weights in fewer bits: what tfjs reads back as float32 when it loads a model. */
import { OptionsError } from '@janus/core';
import type * as tf from '@tensorflow/tfjs';

/** How weights are written. */
export type WeightType = 'float32' | 'float16' | 'uint8';

/** Bytes of a number. */
export const WEIGHT_BYTES: Readonly<Record<WeightType, number>> = {
  float32: 4,
  float16: 2,
  uint8: 1,
};

/** Weights as they are written, with what a reader needs to know. */
interface SmallWeights {
  readonly bytes: Uint8Array;
  /** Absent for float32. */
  readonly quantization?: NonNullable<tf.io.WeightsManifestEntry['quantization']>;
}

/**
 * Returns weights in another type. `float16` rounds each to the nearest of 11 bits of precision. `uint8` divides the range of
 * the array into 255 steps, moved so that 0 stays 0; the same as tfjs's converter does.
 *
 * @throws OptionsError when a weight is too large for float16
 * Source: `tensorflowjs/quantization.py` of tfjs 4.22.
 */
export function smallWeights(values: Float32Array, type: WeightType): SmallWeights {
  switch (type) {
    case 'float32':
      return { bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
    case 'float16': {
      const halves = Uint16Array.from(values, float16Bits);
      return {
        bytes: new Uint8Array(halves.buffer),
        quantization: { dtype: 'float16' },
      };
    }
    case 'uint8': {
      const { min, scale } = stepsOf(values);
      const bytes = Uint8Array.from(values, (value) =>
        Math.min(255, Math.max(0, Math.round((value - min) / scale))),
      );
      return { bytes, quantization: { dtype: 'uint8', min, scale } };
    }
  }
}

/** Returns where the steps of an array begin, and how long one is. */
function stepsOf(values: Float32Array): { readonly min: number; readonly scale: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  if (!(low < high)) return { min: values.length === 0 ? 0 : low, scale: 1 };
  const scale = (high - low) / 255;
  return { min: low <= 0 && high >= 0 ? -Math.round(-low / scale) * scale : low, scale };
}

/** The largest number that rounds to one of float16. */
const FLOAT16_LIMIT = 65520;

const BITS = new Uint32Array(1);
const FLOAT = new Float32Array(BITS.buffer);

/** Returns the bits of the float16 that is nearest to a float32; of two that are as near, the even one. */
export function float16Bits(value: number): number {
  if (!(Math.abs(value) < FLOAT16_LIMIT)) {
    throw new OptionsError(
      `float16: weights must be below ${FLOAT16_LIMIT}, but one is ${value}. Export as float32.`,
    );
  }
  FLOAT[0] = value;
  const bits = BITS[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const fraction = bits & 0x7fffff;
  if (exponent >= 1) return sign | rounded((exponent << 23) | fraction, 13);
  // Below 2^-14 the steps no longer shrink; below 2^-25 all is 0.
  return exponent < -10 ? sign : sign | rounded(fraction | 0x800000, 14 - exponent);
}

/** Drops the last bits of a whole number, rounding to the nearest, halves to even. */
function rounded(value: number, bits: number): number {
  const whole = value >>> bits;
  const rest = value & ((1 << bits) - 1);
  const half = 1 << (bits - 1);
  return rest > half || (rest === half && whole % 2 === 1) ? whole + 1 : whole;
}
