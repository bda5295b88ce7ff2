import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';

/** The family name under which Inter is registered with the canvas. */
export const INTER = 'Inter';

const WEIGHTS = [400, 600];
const SUBSETS = ['latin', 'latin-ext', 'greek', 'cyrillic'];

/** Returns the folder of the font files, which come with the npm package `@fontsource/inter`. */
export function fontFolder(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('@fontsource/inter/package.json')), 'files');
}

/**
 * Registers Inter with the canvas, so that text has the same width on every machine, even on one without
 * fonts. Later calls do nothing.
 */
export function registerFonts(): void {
  if (GlobalFonts.has(INTER)) return;
  for (const subset of SUBSETS) {
    for (const weight of WEIGHTS) {
      GlobalFonts.registerFromPath(
        join(fontFolder(), `inter-${subset}-${weight}-normal.woff`),
        INTER,
      );
    }
  }
}

/** Returns a canvas context of one pixel for measuring text set in Inter. */
export function measuringContext(): SKRSContext2D {
  registerFonts();
  return createCanvas(1, 1).getContext('2d');
}
