/** The features and images of `tools/oracles/image_metrics.py`, by the same formulas in whole numbers. */
import type { Features, SquareImages } from '../features.js';

/** Returns features of a set: float32 [count, length]. */
export function drawnFeatures(count: number, length: number, seed: number): Features {
  const data = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < length; k++) {
      const whole = (i * i * 31 + k * k * 17 + i * k * 7 + seed * 13 * (i + k)) % 101;
      data[i * length + k] = whole / 16 + seed * 0.125;
    }
  }
  return { data, count, shape: [length] };
}

/** Returns one image: uint8 [1, size, size, 3]. */
export function drawnImage(seed: number, size = 24): SquareImages {
  const pixels = Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const [y, x, c] = [Math.floor(i / 3 / size), Math.floor(i / 3) % size, i % 3];
    return y * 9 + x * 5 + c * 40 + ((x * y) % 37) + ((seed * (x * 3 + y)) % 29);
  });
  return { pixels, count: 1, size };
}
