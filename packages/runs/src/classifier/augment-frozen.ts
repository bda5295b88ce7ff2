/** Changes of images whose features are computed by frozen layers. */
import { OptionsError } from '@janus/core';
import type { Augmentation } from '@janus/images';
import { phasesOf, type PhaseOptions } from './phase-order.js';

/**
 * Changed copies of each training image where nothing else is said: with the image itself four rows, four times the work
 * of the frozen layers. Each further copy is one more pass, and tells less than the one before.
 */
export const AUGMENT_COPIES = 3;

/** The options that decide how images are changed. */
interface AugmentOptions extends PhaseOptions {
  readonly augment?: readonly Augmentation[];
  readonly augmentCopies?: number;
}

/**
 * Returns how many changed copies of each training image a head on frozen layers learns from: as the options say, else
 * {@link AUGMENT_COPIES} where the head is all that trains, and none where blocks are fine-tuned after it, which see each
 * image changed again in every epoch.
 */
export function copiesOf(options: AugmentOptions): number {
  const { augment = [], augmentCopies } = options;
  const phases = phasesOf(options);
  if (augment.length === 0 || !phases.includes('head')) return 0;
  return augmentCopies ?? (phases.includes('fine-tune') ? 0 : AUGMENT_COPIES);
}

/**
 * Checks what the changes of images demand.
 *
 * @throws OptionsError when a number of copies is not a whole number, stands without changes or frozen layers, or leaves the
 * changes without effect
 */
export function checkAugmentation(options: AugmentOptions): void {
  const { augment = [], augmentCopies: copies, backbone, unfreeze } = options;
  if (copies === undefined) return;
  if (!Number.isInteger(copies) || copies < 0) {
    throw new OptionsError(
      `--augment-copies: must be a whole number from 0, but got ${copies}. ${AUGMENT_COPIES} is the default.`,
    );
  }
  if (augment.length === 0) {
    throw new OptionsError(
      `--augment-copies: needs changes to make ${copies} copies with, but there is no --augment. Add one, such as --augment flip,crop.`,
    );
  }
  if (backbone === 'small-vgg') {
    throw new OptionsError(
      '--augment-copies: is for frozen layers, whose features are kept, but all layers of small-vgg train and see each image changed again in every epoch. Leave it out.',
    );
  }
  if (copies === 0 && unfreeze === 'none') {
    throw new OptionsError(
      '--augment-copies: 0 would leave --augment without effect, since all layers below the head are frozen. Give 1 or more, or leave --augment out.',
    );
  }
}

/** Returns what the changes cost, in words; undefined where frozen layers see no changed image. */
export function augmentationText(options: AugmentOptions): string | undefined {
  const copies = copiesOf(options);
  const { augment = [], unfreeze } = options;
  const isPrefix = unfreeze !== 'all' && phasesOf(options).includes('fine-tune');
  const parts = [
    ...(copies === 0
      ? []
      : [
          `the head learns from ${copies} changed ${copies === 1 ? 'copy' : 'copies'} of each training image beside itself: ${copies + 1} times the work of the frozen layers, once, kept in the data folder`,
        ]),
    ...(augment.length > 0 && isPrefix
      ? [
          'while blocks are fine-tuned, each image passes through the frozen layers again in every epoch',
        ]
      : []),
  ];
  return parts.length === 0 ? undefined : `Augmentation: ${parts.join('; ')}`;
}
