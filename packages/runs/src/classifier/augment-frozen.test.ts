import { expect, it } from 'vitest';
import { augmentationText, checkAugmentation, copiesOf } from './augment-frozen.js';
import { classifierExtension } from './extension.js';
import { CLASSIFIER_DEFAULTS, type ResolvedClassifierOptions } from './options.js';

const FROZEN = {
  backbone: 'vgg16',
  unfreeze: 'none',
  fineTuneEpochs: 3,
  augment: ['flip'],
} as const;

it('copies are made for a head alone, unless the options say otherwise', () => {
  expect(copiesOf(FROZEN)).toBe(3);
  expect(copiesOf({ ...FROZEN, augmentCopies: 7 })).toBe(7);
  expect(copiesOf({ ...FROZEN, unfreeze: 'block5' })).toBe(0);
  expect(copiesOf({ ...FROZEN, unfreeze: 'block5', augmentCopies: 1 })).toBe(1);
  // No block is fine-tuned, so that the head is all that trains.
  expect(copiesOf({ ...FROZEN, unfreeze: 'block5', fineTuneEpochs: 0 })).toBe(3);
  expect(copiesOf({ ...FROZEN, augment: [] })).toBe(0);
  expect(copiesOf({ backbone: 'vgg16', unfreeze: 'none', fineTuneEpochs: 3 })).toBe(0);
  expect(copiesOf({ ...FROZEN, backbone: 'small-vgg' })).toBe(0);
});

it('what changes cost is said where frozen layers compute more for them', () => {
  expect(augmentationText(FROZEN)).toMatch(/3 changed copies .*: 4 times the work/);
  expect(augmentationText({ ...FROZEN, unfreeze: 'block5' })).toMatch(/again in every epoch$/);
  expect(augmentationText({ ...FROZEN, unfreeze: 'block5', fineTuneEpochs: 0 })).toMatch(
    /^Augmentation: the head learns from 3 .*, kept in the data folder$/,
  );
  expect(augmentationText({ ...FROZEN, unfreeze: 'all' })).toBeUndefined();
  expect(augmentationText({ ...FROZEN, augment: [] })).toBeUndefined();
});

it('copies that have no meaning are refused with the way out', () => {
  const refused = (change: object) => () => {
    checkAugmentation({ ...FROZEN, ...change });
  };
  expect(refused({ augmentCopies: 1.5 })).toThrow(/whole number from 0, but got 1.5/);
  expect(refused({ augmentCopies: 2, augment: [] })).toThrow(/needs changes to make 2 copies with/);
  expect(refused({ augmentCopies: 0 })).toThrow(/0 would leave --augment without effect/);
  expect(refused({ augmentCopies: 2, backbone: 'small-vgg' })).toThrow(/all layers of small-vgg/);
  expect(refused({ augmentCopies: 0, unfreeze: 'block5' })).not.toThrow();
});

it('a run is not extended by fine-tuning whose head would have learnt from fewer copies', async () => {
  const from: ResolvedClassifierOptions = {
    ...{ ...CLASSIFIER_DEFAULTS, data: 'd', target: 't', cut: 'block4', unfreeze: 'block5' },
    ...{ precision: 'float32', normalisation: 'sqrt-l2', augment: ['flip'], fineTuneEpochs: 0 },
  };
  const extend = async (copies?: number): Promise<unknown> => {
    const given = { ...from, ...(copies === undefined ? {} : { augmentCopies: copies }) };
    const to = { ...given, fineTuneEpochs: 2 };
    return await classifierExtension('none', given).extend({ from: given, to, earlier: [] });
  };
  await expect(extend()).rejects.toThrow(
    /^--resume: the head learnt from 3 changed copies .* from 0 with --fine-tune-epochs 2\. Start/,
  );
  await expect(extend(3)).resolves.toMatchObject({ step: 0 });
});
