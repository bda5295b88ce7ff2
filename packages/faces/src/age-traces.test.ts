import { expect, it } from 'vitest';
import { ageTracesOf } from './age-traces.js';
import { changeFace, sampleFace } from './attributes.js';

const face = sampleFace({ seed: 1, person: 3, image: 0 });

it('ageTracesOf deepens wrinkles and greys hair with age, within the person', () => {
  const [young, middle, old] = [18, 60, 80].map((age) => ageTracesOf(changeFace(face, { age })));
  expect(young?.grey).toBe(0);
  // Thirty years add 0.95 * 20 / 50 from 60 to 80, unless cut off at 1.
  expect(old?.wrinkles).toBeCloseTo(Math.min(1, (middle?.wrinkles ?? NaN) + 0.38), 10);
  expect(old?.grey).toBeGreaterThan(middle?.grey ?? NaN);
});

it('ageTracesOf differs among people of one age', () => {
  const depths = [1, 2, 3, 4].map(
    (person) =>
      ageTracesOf(changeFace(sampleFace({ seed: 1, person, image: 0 }), { age: 55 })).wrinkles,
  );
  expect(new Set(depths).size).toBe(4);
});
