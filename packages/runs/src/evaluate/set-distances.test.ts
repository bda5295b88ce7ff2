import type { Features } from '@janus/models';
import { expect, it } from 'vitest';
import type { SetNetwork } from './distance-networks.js';
import { distancesBetween } from './set-distances.js';

/** Features of two numbers an image, spread along a line. */
const set = (count: number, shift: number): Features => ({
  data: Float32Array.from({ length: 2 * count }, (_, i) => shift + ((i * 7) % 11) / 11),
  ...{ count, shape: [2] },
});

const network: SetNetwork = {
  title: 'a made network',
  features: () => Promise.reject(new Error('not called')),
};

const given = {
  ...{ fakes: set(8, 0.5), sources: set(8, 1), targets: set(8, 0), twins: set(7, 0) },
  reference: 'images of b, test split',
};

it('measures fakes, originals and twins against the same real images, and names them', async () => {
  const { kid, frechet, neighbourhoods, inceptionScore } = await distancesBetween(network, given);
  // The sets differ by a shift: the distance of their means squared, in two coordinates.
  expect(frechet?.value).toBeCloseTo(0.5, 6);
  expect(frechet?.originals).toBeCloseTo(2, 6);
  expect(frechet?.twins).toBeLessThan(0.1);
  expect(kid?.value).toBeLessThan(kid?.originals ?? 0);
  expect(kid?.twins).toBeLessThan(kid?.value ?? 0);
  expect(kid?.protocol).toBe(
    'unbiased squared MMD, kernel (x.y/2 + 1)^3 on a made network, 8 fakes against 8 images of b, test split',
  );
  expect(neighbourhoods?.twins?.precision).toBe(1);
  expect(inceptionScore).toBeUndefined();
});

it('has the Inception Score where the network tells classes, in one split of few images', async () => {
  const probabilities = (features: Features): Promise<readonly (readonly number[])[]> =>
    Promise.resolve(Array.from({ length: features.count }, (_, i) => (i % 2 ? [1, 0] : [0, 1])));
  const { inceptionScore } = await distancesBetween({ ...network, probabilities }, given);
  // Sure of each image, and both classes as often: as many as there are classes.
  expect(inceptionScore?.value).toBeCloseTo(2, 12);
  expect(inceptionScore?.deviation).toBe(0);
  expect(inceptionScore?.protocol).toMatch(/^Inception Score over 1 split of 8 fakes/);
});

it('leaves out what needs more images', async () => {
  const few = { ...given, fakes: set(1, 0) };
  expect(await distancesBetween(network, few)).toEqual({});
  const { neighbourhoods, kid } = await distancesBetween(network, { ...given, fakes: set(3, 0) });
  expect(neighbourhoods).toBeUndefined();
  expect(kid?.low).toBeDefined();
});
