/** Half-precision numbers (IEEE 754 binary16): how weights are kept in half the bytes. */

/** Returns the numbers of half-precision bit patterns, without loss. */
export function float32OfHalf(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, (half) => {
    const sign = (half & 0x8000) === 0 ? 1 : -1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
    // Numbers without a leading 1 share the exponent of the smallest with one.
    return exponent === 0
      ? sign * fraction * 2 ** -24
      : sign * (1024 + fraction) * 2 ** (exponent - 25);
  });
}

/** Largest finite half-precision number. */
const LARGEST = 65_504;

/** Half a step above it: from here on, numbers round to infinity. */
const OVERFLOW = 65_520;

/** Returns the half-precision bit patterns nearest to numbers, ties to even; too large ones become infinite. */
export function halfOfFloat32(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    const size = Math.abs(value);
    if (Number.isNaN(value)) return 0x7e00;
    if (size >= OVERFLOW) return sign | 0x7c00;
    const power = Math.max(-14, Math.floor(Math.log2(Math.max(Math.min(size, LARGEST), 2 ** -24))));
    const units = roundToEven(size / 2 ** (power - 10));
    // Without a leading 1 the pattern is the number of units; with one, rounding up carries into the exponent.
    return sign | (units < 1024 ? units : ((power + 14) << 10) + units);
  });
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}
