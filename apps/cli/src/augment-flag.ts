import { parseAugmentations, type Augmentation } from '@janus/runs';
import { InvalidArgumentError } from 'commander';

/** Reads the list of `--augment`; anything else is a usage error. */
export function augmentations(text: string): readonly Augmentation[] {
  try {
    return parseAugmentations(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}
