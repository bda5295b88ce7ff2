import { wilsonInterval } from '@janus/core';
import { expect, it } from 'vitest';
import type { Judgement } from './judge.js';
import { twinMeasures } from './twin-measures.js';

/** Images of one pixel and two features. */
function imagesOf(
  greys: readonly number[],
  rows: readonly (readonly [number, number])[],
  classes: readonly string[] = rows.map(() => 'a'),
): { readonly pixels: Uint8Array; readonly judgement: Judgement } {
  const features = { data: Float32Array.from(rows.flat()), count: rows.length, shape: [2] };
  return {
    pixels: Uint8Array.from(greys.flatMap((grey) => [grey, grey, grey])),
    judgement: { classes, features, others: {} },
  };
}

// Three originals; the second one has no twin.
const TWINS = {
  images: { pixels: new Uint8Array(0), count: 2, size: 1 },
  places: [0, 2],
  people: ['p', 'q'],
};
const originals = imagesOf(
  [0, 255, 100],
  [
    [0, 0],
    [9, 9],
    [0, 0],
  ],
);
const twins = imagesOf(
  [100, 200],
  [
    [3, 4],
    [0, 5],
  ],
  ['b', 'a'],
);

it('the twin error is the mean distance to the twins over that of the originals', () => {
  // Pixels: fakes lie 50 and 20 levels from their twins, originals 100 and 100. Features: 0 and 4, originals 5 and 5.
  const fakes = imagesOf(
    [50, 255, 180],
    [
      [3, 4],
      [1, 1],
      [0, 1],
    ],
  );
  const { twinError, twins: ofTwins } = twinMeasures(TWINS, { originals, fakes, twins }, 'b');
  expect(twinError?.n).toBe(2);
  expect(twinError?.pixels).toBeCloseTo(0.35, 12);
  expect(twinError?.features).toBeCloseTo(0.4, 6);
  // Resamples of two people: either of them twice, or both.
  expect(twinError?.ranges.pixels.low).toBeCloseTo(0.2, 12);
  expect(twinError?.ranges.pixels.high).toBeCloseTo(0.5, 12);
  expect(ofTwins).toEqual({ n: 2, judgedAsTarget: wilsonInterval(1, 2) });
  const alike = { ...TWINS, people: ['p', 'p'] };
  // Both are of one person: no resample has another share.
  expect(twinMeasures(alike, { originals, fakes, twins }, 'b').twins.judgedAsTarget).toEqual({
    ...{ value: 0.5, low: 0.5, high: 0.5 },
  });
});

it('is 1 for unchanged images and 0 for the twins, and in pixels alone without a judge', () => {
  const unchanged = twinMeasures(TWINS, { originals, fakes: originals, twins }, 'b');
  expect(unchanged.twinError).toMatchObject({ features: 1, pixels: 1 });
  const perfect = { pixels: Uint8Array.of(100, 100, 100, 7, 7, 7, 200, 200, 200) };
  const without = { originals: { pixels: originals.pixels }, twins: { pixels: twins.pixels } };
  const measured = twinMeasures(TWINS, { ...without, fakes: perfect }, 'b');
  expect(measured.twinError).toEqual({ n: 2, pixels: 0, ranges: { pixels: { low: 0, high: 0 } } });
  expect(measured.twins).toEqual({ n: 2 });
});

it('is absent where the twins are the originals: the attribute does not show', () => {
  const same = { pixels: Uint8Array.of(0, 0, 0, 100, 100, 100) };
  const images = { originals: { pixels: originals.pixels }, fakes: originals, twins: same };
  expect(twinMeasures(TWINS, images, 'b').twinError).toBeUndefined();
});
