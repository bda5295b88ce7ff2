import { DataError } from '@janus/core';
import type { TargetDescription } from '@janus/models';
import { expect, it } from 'vitest';
import type { TaskItem } from '../classifier/tasks.js';
import { temperedTargets } from './targets-temperatures.js';

const SCALE = { centres: [20, 40], edges: [30], median: 30 };
const TARGETS: readonly TargetDescription[] = [
  { target: 'gender', classes: ['a', 'b'] },
  { target: 'age', classes: ['20', '40'], scale: SCALE },
  { target: 'hat', classes: ['no', 'yes'] },
];

/** 40 images, three of four right at log-odds of 4; the last target is labelled on 4 of them. */
const items = Array.from({ length: 40 }, (_, i): TaskItem => {
  const label = i % 2;
  const labels = [label, label, i < 4 ? label : -1];
  return { ...{ id: `${i}`, path: '', cluster: `${i}`, label }, labels, values: [null, 30, null] };
});
const logits = TARGETS.map(() =>
  items.map(({ label }, i) => {
    const said = i % 4 === 0 ? 1 - label : label;
    return said === 1 ? [0, 4] : [4, 0];
  }),
);
const validation = () => Promise.resolve({ items, logits });

it('temperedTargets fits each target with classes on the images that have its label', async () => {
  const lines: string[] = [];
  const line = (text: string): void => void lines.push(text);
  const [gender, age, hat] = await temperedTargets(TARGETS, { validation, line });
  // Right three times in four: log-odds of ln 3 are what 4 must become.
  expect(gender?.temperature?.value).toBeCloseTo(4 / Math.log(3), 3);
  expect(gender?.temperature).toMatchObject({ n: 40, split: 'validation' });
  expect(age).not.toHaveProperty('temperature');
  expect(hat?.temperature).toBeNull();
  expect(lines).toEqual([
    expect.stringMatching(/^Calibration of hat: none, since 4 validation images are too few/),
  ]);
});

it('temperedTargets keeps what was fitted before, and goes without where images are gone', async () => {
  const lines: string[] = [];
  const line = (text: string): void => void lines.push(text);
  const fitted = await temperedTargets(TARGETS, { validation, line });
  const never = () => Promise.reject(new DataError('people: does not exist.', { path: 'people' }));
  expect(await temperedTargets(fitted, { validation: never, line })).toBe(fitted);
  expect(await temperedTargets(TARGETS, { validation: never, line })).toBe(TARGETS);
  expect(lines.at(-1)).toMatch(/cannot be read \(people: does not exist\.\)/);
});
