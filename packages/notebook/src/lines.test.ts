import { expect, it } from 'vitest';
import { fakeScreen } from './fake-screen.fixture.js';
import { progress } from './lines.js';

const drawing = (done: number) => ({ done, total: 100, unit: 'faces', label: 'drawing' });

it('progress shows its newest line in place, the last of a task in any case, and what is logged', () => {
  const { screen, panels } = fakeScreen();
  let time = 0;
  const reporter = progress({ screen, now: () => time });
  for (const [now, done] of [
    [0, 0],
    [100, 10],
    [1000, 50],
    [1100, 100],
  ] as const) {
    time = now;
    reporter.progress(drawing(done));
  }
  reporter.log('Drew 100 faces.');
  expect(panels).toHaveLength(1);
  expect(panels[0]?.map((bundle) => bundle['text/plain'])).toEqual([
    'drawing: 0/100 faces',
    'drawing: 50/100 faces, 50 faces/s, 1 s left',
    'drawing: 100/100 faces, 91 faces/s',
    'Drew 100 faces.',
  ]);
});

it('progress keeps to few lines on a screen of text', () => {
  const { screen, panels } = fakeScreen(false);
  let time = 0;
  const reporter = progress({ screen, now: () => time });
  for (let done = 0; done <= 100; done += 10) {
    time += 500;
    reporter.progress(drawing(done));
  }
  expect(panels[0]).toHaveLength(1);
});
