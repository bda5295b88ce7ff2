/** What a checkpoint is of, in words. */
import type { CycleGanOptions } from './cyclegan-presets.js';
import { translationText } from './translation-networks.js';

/** Returns the text that a checkpoint of these options must carry. */
export const cycleGanArchitecture = (options: CycleGanOptions): string =>
  `cyclegan ${translationText(options)}`;
