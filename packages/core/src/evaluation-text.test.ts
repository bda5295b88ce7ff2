import { expect, it } from 'vitest';
import { evaluatedImagesText } from './evaluation-text.js';

it('the images of an evaluation are described by what is known of them', () => {
  const own = { source: 'run', gone: 0, changed: 0, trainedOn: 0, sameData: true } as const;
  expect(evaluatedImagesText(own, 22)).toBe("the run's own images; trained on 0 of 22");
  expect(evaluatedImagesText({ ...own, gone: 2, changed: 1, sameData: false }, 19)).toBe(
    "the run's own images, whose data has changed since; 2 gone and 1 changed since are left out; trained on 0 of 19",
  );
  expect(evaluatedImagesText({ source: 'data', gone: 0, changed: 0 }, 5)).toBe(
    'the images of the data as it is split now; the run does not say which were its own; how many of them it was trained on is not known',
  );
});
