import { describe, expect, it } from 'vitest';
import { streamOf } from '@janus/core';
import {
  middleSquare,
  resample,
  resamplePlan,
  WEIGHT_BITS,
  type Region,
  type RgbImage,
} from './resample.js';

function noise(width: number, height: number, seed: number): RgbImage {
  const stream = streamOf(seed, 'noise');
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256));
  return { pixels, width, height };
}

const clipped = (sum: number): number =>
  Math.max(0, Math.min(255, (sum + 2 ** (WEIGHT_BITS - 1)) >> WEIGHT_BITS));

/** The same in plain loops: rows first, rounded to bytes, then columns. */
function slowly(image: RgbImage, region: Region, size: { width: number; height: number }) {
  const down = resamplePlan({
    length: image.height,
    from: region.top,
    extent: region.height,
    outputs: size.height,
    multiple: 1,
  });
  const across = resamplePlan({
    length: image.width,
    from: region.left,
    extent: region.width,
    outputs: size.width,
    multiple: 1,
  });
  const out = new Uint8Array(size.width * size.height * 3);
  for (let y = 0; y < size.height; y++) {
    const row = new Uint8Array(image.width * 3);
    for (let x = 0; x < row.length; x++) {
      let sum = 0;
      for (let k = 0; k < down.taps; k++) {
        const from = (down.first[y]! + k) * image.width * 3 + x;
        sum += down.weights[y * down.taps + k]! * (image.pixels[from] ?? 0);
      }
      row[x] = clipped(sum);
    }
    for (let x = 0; x < size.width; x++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < across.taps; k++) {
          const from = (across.first[x]! + k) * 3 + c;
          sum += across.weights[x * across.taps + k]! * (row[from] ?? 0);
        }
        out[(y * size.width + x) * 3 + c] = clipped(sum);
      }
    }
  }
  return out;
}

describe('resample', () => {
  it.each([
    { from: [160, 160], to: [112, 112] },
    { from: [37, 53], to: [16, 16] },
    { from: [17, 9], to: [64, 40] },
    { from: [5, 3], to: [1, 1] },
    { from: [1, 1], to: [7, 5] },
    { from: [401, 97], to: [31, 30] },
  ] as const)('equals plain loops, bit for bit, from $from to $to', ({ from, to }) => {
    const image = noise(from[0], from[1], from[0]);
    const size = { width: to[0], height: to[1] };
    const whole = { left: 0, top: 0, width: from[0], height: from[1] };
    expect(resample(image, whole, size)).toEqual(slowly(image, whole, size));
    const middle = middleSquare(image);
    expect(resample(image, middle, size)).toEqual(slowly(image, middle, size));
    const part = { left: from[0] / 7, top: 0, width: from[0] / 2.3, height: from[1] * 0.9 };
    expect(resample(image, part, size)).toEqual(slowly(image, part, size));
  });

  it('keeps an image of one colour unchanged, also at its edges', () => {
    for (const [width, height, size] of [
      [300, 200, 224],
      [50, 61, 224],
    ] as const) {
      const pixels = Uint8Array.from(
        { length: width * height * 3 },
        (_, i) => [3, 130, 255][i % 3]!,
      );
      const scaled = resample({ pixels, width, height }, middleSquare({ width, height }), {
        width: size,
        height: size,
      });
      expect([...new Set(scaled.filter((_, i) => i % 3 === 0))]).toEqual([3]);
      expect([...new Set(scaled.filter((_, i) => i % 3 === 1))]).toEqual([130]);
      expect([...new Set(scaled.filter((_, i) => i % 3 === 2))]).toEqual([255]);
    }
  });

  it('copies a region that already has the size', () => {
    const image = noise(20, 12, 1);
    const cut = resample(
      image,
      { left: 4, top: 0, width: 12, height: 12 },
      { width: 12, height: 12 },
    );
    expect([...cut.subarray(0, 36)]).toEqual([...image.pixels.subarray(12, 48)]);
    expect([...cut.subarray(-36)]).toEqual([
      ...image.pixels.subarray((11 * 20 + 4) * 3, (11 * 20 + 16) * 3),
    ]);
  });

  it('does not depend on what was scaled before', () => {
    const small = noise(40, 30, 2);
    const size = { width: 24, height: 24 };
    const before = resample(small, middleSquare(small), size);
    const large = noise(500, 400, 3);
    resample(large, middleSquare(large), { width: 300, height: 300 });
    expect(resample(small, middleSquare(small), size)).toEqual(before);
  });

  it('writes into the given memory', () => {
    const image = noise(31, 31, 4);
    const size = { width: 8, height: 8 };
    const target = new Uint8Array(8 * 8 * 3 + 2).fill(7);
    const part = target.subarray(1, -1);
    expect(resample(image, middleSquare(image), { ...size, target: part })).toBe(part);
    expect([target[0], target.at(-1)]).toEqual([7, 7]);
    expect(part).toEqual(resample(image, middleSquare(image), size));
  });

  it('refuses a region outside the image', () => {
    const image = noise(10, 10, 5);
    expect(() =>
      resample(image, { left: 4, top: 0, width: 7, height: 7 }, { width: 4, height: 4 }),
    ).toThrow(
      'resample: the region must lie within 10x10 pixels, but got 7x7 at 4, 0. Clip it first.',
    );
  });
});

it('resamplePlan has weights whose sum is exactly 1, and copies where nothing is scaled', () => {
  for (const outputs of [1, 7, 16, 40]) {
    const plan = resamplePlan({ length: 16, from: 0, extent: 16, outputs, multiple: 4 });
    expect(plan.taps % 4).toBe(0);
    for (let i = 0; i < outputs; i++) {
      const each = plan.weights.subarray(i * plan.taps, (i + 1) * plan.taps);
      expect(each.reduce((a, b) => a + b, 0)).toBe(2 ** WEIGHT_BITS);
    }
  }
  const same = resamplePlan({ length: 5, from: 0, extent: 5, outputs: 5, multiple: 1 });
  const used = Array.from({ length: 5 }, (_, i) => {
    const each = same.weights.subarray(i * same.taps, (i + 1) * same.taps);
    return same.first[i]! + each.indexOf(2 ** WEIGHT_BITS);
  });
  expect(used).toEqual([0, 1, 2, 3, 4]);
});

/** Rounding to bytes between the two passes: Pillow goes across first, this goes down first. */
const BETWEEN_PASSES = 1;

it('resample equals Pillow but for the order of its passes', () => {
  // Reference Python code: tools/oracles/resample_pillow.py, Pillow 13.0.0
  const pillow = [
    ...[78, 144, 143, 140, 128, 123, 118, 114, 133, 108, 130, 144, 121, 143, 114],
    ...[159, 92, 126, 102, 136, 110, 134, 132, 137, 145, 124, 108, 147, 122, 109],
    ...[133, 114, 124, 151, 120, 127, 104, 147, 139, 131, 136, 141, 125, 136, 102],
    ...[165, 95, 144, 127, 131, 142, 94, 112, 103, 123, 157, 117, 132, 125, 130],
  ];
  const [width, height] = [12, 9];
  const pixels = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width), i % 3];
    return 37 * x + 61 * y + 89 * c + x * y * 5;
  });
  const whole = { left: 0, top: 0, width, height };
  const scaled = resample({ pixels, width, height }, whole, { width: 5, height: 4 });
  const distances = pillow.map((value, i) => Math.abs(value - scaled[i]!));
  expect(Math.max(...distances)).toBeLessThanOrEqual(BETWEEN_PASSES);
});
