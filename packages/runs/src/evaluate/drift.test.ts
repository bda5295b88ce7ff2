import { expect, it } from 'vitest';
import type { AttributeTeller } from './attribute-teller.js';
import { driftBetween, driftOf, mergedDrift } from './drift.js';

/** Tells two attributes from an image's first pixel: its red and its green. */
const teller: AttributeTeller = {
  size: 1,
  tell: ({ pixels, count }) =>
    Promise.resolve({
      red: Array.from({ length: count }, (_, i) => String(pixels[3 * i])),
      green: Array.from({ length: count }, (_, i) => String(pixels[3 * i + 1])),
    }),
  dispose: () => undefined,
};

const images = (
  ...pixels: readonly (readonly number[])[]
): Parameters<AttributeTeller['tell']>[0] => ({
  ...{ pixels: Uint8Array.of(...pixels.flat()), count: pixels.length, size: 1 },
});

const originals = images([1, 1, 0], [2, 1, 0], [3, 2, 0], [4, 2, 0]);
const fakes = images([9, 1, 0], [9, 1, 0], [9, 2, 0], [9, 1, 0]);

it('is the share of images that are told to have another value than their own original', async () => {
  const { drift, twins } = await driftOf([teller], { originals, fakes }, []);
  expect(drift).toEqual({ red: 1, green: 0.25 });
  expect(twins).toBeUndefined();
});

it('leaves out what the translation is to change, and compares twins with their own originals', async () => {
  // Twins of the second and the last image; only the last one is told to be greener.
  const twins = { images: images([5, 1, 0], [5, 7, 0]), places: [1, 3], people: ['a', 'b'] };
  expect(await driftOf([teller], { originals, fakes, twins }, ['red'])).toEqual({
    drift: { green: 0.25 },
    twins: { green: 0.5 },
  });
});

it('is the same of what a judge of several targets told already, and of the later one where two tell an attribute', () => {
  const told = {
    originals: { smile: ['none', 'none', 'broad'], presentation: ['f', 'f', 'f'] },
    fakes: { smile: ['none', 'broad', 'none'], presentation: ['m', 'm', 'm'] },
    twins: { told: { smile: ['broad'], presentation: ['m'] }, places: [2] },
  };
  const seen = driftBetween(told, ['presentation']);
  expect(seen).toEqual({ drift: { smile: 2 / 3 }, twins: { smile: 0 } });
  const merged = mergedDrift([seen, { drift: { smile: 0.1, beard: 0.2 } }]);
  expect(merged).toEqual({ drift: { smile: 0.1, beard: 0.2 }, twins: { smile: 0 } });
});
