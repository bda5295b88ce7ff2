import { evenly } from '@janus/core';
import { imageRows, type ImageRowsOptions } from './sheets.js';
import type { SheetImage } from './tiles.js';

/** The fakes of the same originals at one point of a training. */
export interface TranslationStage {
  /** `epoch 10`, `2,000`. */
  readonly label: string;
  /** One per original. */
  readonly fakes: readonly SheetImage[];
}

/** Options of {@link translationGrid}. */
export interface TranslationGridOptions extends Pick<ImageRowsOptions, 'title' | 'captions'> {
  readonly originals: readonly SheetImage[];
  /** In the order of training. */
  readonly stages: readonly TranslationStage[];
  /** Most stages that are shown, evenly spaced with the first and the last among them; default 8. */
  readonly most?: number;
  /** Side of an image in pixels, 16 to 1024; default 96. */
  readonly cellSize?: number;
}

/**
 * Draws how translations changed while a network was trained: the originals, and below them a row of fakes for each stage.
 *
 * @returns the bytes of a PNG file
 * @throws OptionsError when a stage has not as many fakes as there are originals
 */
export async function translationGrid(options: TranslationGridOptions): Promise<Buffer> {
  const { originals, stages, most = 8, cellSize = 96, ...rest } = options;
  return await imageRows({
    ...rest,
    cellSize,
    rows: [
      { label: 'original', images: originals },
      ...evenly(stages, most).map(({ label, fakes }) => ({ label, images: fakes })),
    ],
  });
}
