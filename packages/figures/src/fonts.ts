import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';

/** The family name under which the package's own copy of Inter is known to the canvas. */
export const INTER = 'Inter';

const WEIGHTS = [400, 600];
const SUBSETS = ['latin', 'latin-ext', 'greek', 'cyrillic'];

/** Returns the folder of the font files, which are read from the npm package. */
export function fontFolder(): string {
  const require = createRequire(import.meta.url);
  return join(dirname(require.resolve('@fontsource/inter/package.json')), 'files');
}

/**
 * Makes Inter known to the canvas, so that words have the same width on every machine, also on
 * one without any font. Costs nothing the second time.
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

/** Returns a drawing context of one pixel that measures text in the package's font. */
export function measuringContext(): SKRSContext2D {
  registerFonts();
  return createCanvas(1, 1).getContext('2d');
}
