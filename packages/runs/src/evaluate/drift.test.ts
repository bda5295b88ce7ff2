import { clusterBootstrap, wilsonInterval } from '@janus/core';
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
const people = ['a', 'b', 'c', 'd'];

it('is the share of images that are told to have another value than their own original', async () => {
  const { drift, twins } = await driftOf([teller], { originals, fakes, people }, []);
  expect(drift).toEqual({ red: wilsonInterval(4, 4), green: wilsonInterval(1, 4) });
  expect(twins).toBeUndefined();
});

it('leaves out what the translation is to change, and compares twins with their own originals', async () => {
  // Twins of the second and the last image; only the last one is told to be greener.
  const twins = { images: images([5, 1, 0], [5, 7, 0]), places: [1, 3], people: ['a', 'b'] };
  expect(await driftOf([teller], { originals, fakes, people, twins }, ['red'])).toEqual({
    drift: { green: wilsonInterval(1, 4) },
    twins: { green: wilsonInterval(1, 2) },
  });
});

it('has an interval over people where they repeat', () => {
  const told = { originals: { smile: 'nnnnnn'.split('') }, fakes: { smile: 'bbbnnn'.split('') } };
  const repeated = 'aaabcd'.split('');
  const { drift } = driftBetween({ ...told, people: repeated }, []);
  const ofPeople = clusterBootstrap({
    clusters: repeated,
    statistic: (drawn) => drawn.filter((i) => i < 3).length / drawn.length,
  });
  expect(drift['smile']).toEqual(ofPeople);
  expect(ofPeople.low).toBe(0);
  expect(wilsonInterval(3, 6).low).toBeGreaterThan(0);
});

it('is the same of what a judge of several targets told already, and of the later one where two tell an attribute', () => {
  const told = {
    originals: { smile: ['none', 'none', 'broad'], presentation: ['f', 'f', 'f'] },
    fakes: { smile: ['none', 'broad', 'none'], presentation: ['m', 'm', 'm'] },
    people: ['a', 'b', 'c'],
    twins: { told: { smile: ['broad'], presentation: ['m'] }, places: [2] },
  };
  const seen = driftBetween(told, ['presentation']);
  const none = { smile: wilsonInterval(0, 1) };
  expect(seen).toEqual({ drift: { smile: wilsonInterval(2, 3) }, twins: none });
  const later = { smile: wilsonInterval(1, 10), beard: wilsonInterval(2, 10) };
  expect(mergedDrift([seen, { drift: later }])).toEqual({ drift: later, twins: none });
});
