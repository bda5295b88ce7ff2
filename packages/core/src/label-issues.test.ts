import { expect, it } from 'vitest';
import { confidentJoint, confidentThresholds, findLabelIssues, streamOf } from './web.js';

// Worked by hand. Class 0: probabilities 0.9, 0.8, 0.1 of it, mean 0.6. Class 1: 0.7, 0.9, 0.2, mean 0.6.
// Image 2 is labelled 0, and has 0.9 of class 1: confidently 1. Image 5 is labelled 1, and has 0.8 of class 0.
const SIX = {
  labels: [0, 0, 0, 1, 1, 1],
  probabilities: [0.9, 0.1, 0.8, 0.2, 0.1, 0.9, 0.3, 0.7, 0.1, 0.9, 0.8, 0.2],
  classes: 2,
};

it('a class whose images look like the other one is counted there, and these are flagged, the surest first', () => {
  expect(confidentThresholds(SIX).map((each) => Number(each.toFixed(12)))).toEqual([0.6, 0.6]);
  expect(confidentJoint(SIX)).toEqual({
    counts: [
      [2, 1],
      [1, 2],
    ],
    offDiagonal: [2, 5],
  });
  expect(findLabelIssues(SIX)).toEqual([2, 5]);
});

it('numbering the classes otherwise does not change which images are flagged', () => {
  const stream = streamOf(1, 'labels');
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (let i = 0; i < 200; i++) {
    labels.push(stream.integer(3));
    const raw = [stream.next(), stream.next(), stream.next()];
    const sum = raw.reduce((a, b) => a + b, 0);
    probabilities.push(...raw.map((each) => each / sum));
  }
  const given = { labels, probabilities, classes: 3 };
  const turned = {
    labels: labels.map((label) => (label + 1) % 3),
    probabilities: probabilities.map((_, at) => {
      const [row, k] = [Math.floor(at / 3), at % 3];
      return probabilities[row * 3 + ((k + 2) % 3)]!;
    }),
    classes: 3,
  };
  const found = findLabelIssues(given);
  expect(found.length).toBeGreaterThan(20);
  expect(findLabelIssues(turned)).toEqual(found);
});

it('a class without images and a class of one image are left alone', () => {
  const given = {
    labels: [0, 0, 1],
    probabilities: [0.9, 0.1, 0, 0.8, 0.2, 0, 1, 0, 0],
    classes: 3,
  };
  expect(confidentThresholds(given)[2]).toBe(2);
  expect(findLabelIssues(given)).toEqual([]);
});

it('labels and probabilities that do not fit each other are refused', () => {
  const { probabilities } = SIX;
  expect(() => findLabelIssues({ labels: [], probabilities: [], classes: 2 })).toThrow(
    /needs images/,
  );
  expect(() => findLabelIssues({ labels: [0, 1], probabilities, classes: 2 })).toThrow(
    'got 2 labels and 12 probabilities',
  );
  expect(() => findLabelIssues({ ...SIX, labels: [0, 0, 0, 1, 1, 2] })).toThrow(
    'labels must be whole numbers from 0 to 1, but image 5 has 2',
  );
  expect(() => findLabelIssues(SIX, { fracNoise: 1.5 })).toThrow(/fracNoise must be from 0 to 1/);
  expect(() => findLabelIssues(SIX, { minExamplesPerClass: -1 })).toThrow(/minExamplesPerClass/);
});
