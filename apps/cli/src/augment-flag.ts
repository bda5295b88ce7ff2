import { AUGMENTATIONS, parseAugmentations, type Augmentation } from '@janus/images';
import { InvalidArgumentError, Option } from 'commander';

function augmentList(text: string): readonly Augmentation[] {
  try {
    return parseAugmentations(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Returns `--augment`.
 *
 * @param what is done to images, and when
 * @param note what is done where the flag is left out
 */
export function augmentFlag(what: string, note: string): Option {
  return new Option(
    '--augment <list>',
    `${what}, anew in each epoch: none, or some of ${AUGMENTATIONS.join(',')} (${note})`,
  ).argParser(augmentList);
}
