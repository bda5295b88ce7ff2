import { expect, it } from 'vitest';
import { aboutText, durationText, progressLine } from './progress.js';

it('progressLine gives count, rate and time left', () => {
  expect(
    progressLine({ done: 50, total: 200, unit: 'images', label: 'decoding', note: 'loss 0.3' }, 5),
  ).toBe('decoding: 50/200 images, 10 images/s, 15 s left, loss 0.3');
});

it('the rate of a resumed task leaves out what was done before', () => {
  expect(
    progressLine({ done: 150, before: 100, total: 200, unit: 'steps', label: 'cyclegan' }, 5),
  ).toBe('cyclegan: 150/200 steps, 10 steps/s, 5 s left');
});

it('durationText grows into minutes and hours', () => {
  expect(durationText(7.4)).toBe('7 s');
  expect(durationText(200)).toBe('3 min 20 s');
  expect(durationText(7500)).toBe('2 h 05 min');
});

it.each([
  [20, 'less than a minute'],
  [61, 'about 1 minute'],
  [250, 'about 4 minutes'],
  [5399, 'about 90 minutes'],
  [5400, 'about 2 hours'],
  [129_600, 'about 2 days'],
])('%i seconds are %s', (seconds, text) => {
  expect(aboutText(seconds)).toBe(text);
});
