import { expect, it } from 'vitest';
import { augmentationText, checkAugmentation, copiesOf } from './augment-frozen.js';

const FROZEN = { backbone: 'vgg16', unfreeze: 'none', augment: ['flip'] } as const;

it('copies are made for a head alone, unless the options say otherwise', () => {
  expect(copiesOf(FROZEN)).toBe(3);
  expect(copiesOf({ ...FROZEN, augmentCopies: 7 })).toBe(7);
  expect(copiesOf({ ...FROZEN, unfreeze: 'block5' })).toBe(0);
  expect(copiesOf({ ...FROZEN, unfreeze: 'block5', augmentCopies: 1 })).toBe(1);
  expect(copiesOf({ ...FROZEN, augment: [] })).toBe(0);
  expect(copiesOf({ backbone: 'vgg16', unfreeze: 'none' })).toBe(0);
  expect(copiesOf({ ...FROZEN, backbone: 'small-vgg' })).toBe(0);
});

it('what changes cost is said where frozen layers compute more for them', () => {
  expect(augmentationText(FROZEN)).toMatch(/3 changed copies .*: 4 times the work/);
  expect(augmentationText({ ...FROZEN, unfreeze: 'block5' })).toMatch(/again in every epoch$/);
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
