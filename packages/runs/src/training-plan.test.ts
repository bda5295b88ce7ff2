import { expect, it } from 'vitest';
import { trainingPlan, type TrainingPlanOptions } from './training-plan.js';

it('a plan counts the updates of all phases and says their epochs', () => {
  const phase = { fallingEpochs: 0, stepsPerEpoch: 40 };
  const { updates, text } = trainingPlan({
    images: '800 images, 100 for validation',
    phases: [
      { ...phase, name: 'head', constantEpochs: 20 },
      { ...phase, name: 'fine-tune', constantEpochs: 1 },
    ],
  });
  expect(updates).toBe(840); // 20 · 40 + 1 · 40
  expect(text).toBe(
    'Training on 800 images, 100 for validation: head, 20 epochs at the full learning rate; fine-tune, 1 epoch at the full learning rate; 840 updates in all',
  );
});

it('a plan whose rate falls from the start says so', () => {
  const phases = [{ name: 'cyclegan', constantEpochs: 0, fallingEpochs: 12, stepsPerEpoch: 105 }];
  expect(trainingPlan({ images: '840 images', phases }).text).toBe(
    'Training on 840 images: 12 epochs at a falling learning rate; 1,260 updates in all',
  );
});

it('a plan says about how long it takes', () => {
  const images = '800 images';
  const steps = { name: 'head', constantEpochs: 1, fallingEpochs: 0, stepsPerEpoch: 40 };
  const textOf = (options: Partial<TrainingPlanOptions>): string =>
    trainingPlan({ images, phases: [steps], ...options }).text;
  expect(textOf({ seconds: 250 })).toMatch(/; 40 updates in all; about 4 minutes here$/);
  expect(textOf({ seconds: 9, phases: [{ ...steps, patience: 5 }] })).toMatch(
    /; at most 40 updates in all; less than a minute here at most$/,
  );
  expect(textOf({ seconds: 61, mayBeKept: true, phases: [{ name: 'head', fits: 11 }] })).toMatch(
    /11 penalties, and weaker ones while they help; about 1 minute here, less where features are kept from an earlier run$/,
  );
});

it('a plan says the epochs of a falling rate, and where a limit ends it', () => {
  const phases = [{ name: 'cyclegan', constantEpochs: 2, fallingEpochs: 1, stepsPerEpoch: 600 }];
  const images = '600 images of a and 6 of b';
  const schedule = `Training on ${images}: 2 epochs at the full learning rate, then 1 at a falling one`;
  const all = trainingPlan({ images, phases });
  expect(all).toMatchObject({ updates: 1800, text: `${schedule}; 1,800 updates in all` });
  expect(trainingPlan({ images, phases, maxUpdates: 1800 })).toEqual(all);
  expect(trainingPlan({ images, phases, maxUpdates: 3 })).toMatchObject({
    updates: 3,
    text: `${schedule}; ends after 3 updates of these 1,800`,
  });
});
