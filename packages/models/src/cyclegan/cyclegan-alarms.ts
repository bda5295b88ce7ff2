/** Measures of the failures of a CycleGAN that its losses do not show. */

/** Options of {@link translationAlarms}. */
export interface TranslationAlarmsOptions {
  /** uint8 [N, H, W, 3], RGB. */
  readonly originals: Uint8Array;
  /** uint8 [N, H, W, 3], RGB: the translations, in the same order. */
  readonly translated: Uint8Array;
  /** Number of images, N. */
  readonly count: number;
}

/** Result of {@link translationAlarms}. */
export interface TranslationAlarms {
  /** Mean absolute change of a pixel value, 0 to 1; near 0 the generator returns its input. */
  readonly change: number;
  /**
   * Correlation of the luminance of original and translation, mean over images, -1 to 1; below 0 light
   * and dark are inverted.
   */
  readonly luminanceCorrelation: number;
  /**
   * Mean distance between translations divided by that between their originals; near 0 all inputs give
   * the same output (mode collapse). 1 for a single image.
   */
  readonly diversity: number;
  /**
   * Mean standard deviation of the luminance within a translation divided by that within its original; near 0 the
   * translations are flat. 1 where the originals are.
   */
  readonly contrast: number;
  /**
   * Correlation of the colour differences (blue and red less luminance) of original and translation, mean over the
   * images that have colours, -1 to 1; near -1 colours are inverted. 0 where all images are grey.
   */
  readonly colourCorrelation: number;
}

/**
 * Limits below which a person should look at the samples. A change of 0.002 is half a step of a pixel value; another pair
 * of lips, 1 in 100 pixels by a quarter, is more. Colours may well lose their relation to the original's, as from
 * horses to zebras; only their opposite is an inversion.
 */
export const ALARM_LIMITS: TranslationAlarms = {
  change: 0.002,
  luminanceCorrelation: 0,
  diversity: 0.2,
  contrast: 0.2,
  colourCorrelation: -0.5,
};

/** Returns how far translations differ from their originals and from each other. */
export function translationAlarms(options: TranslationAlarmsOptions): TranslationAlarms {
  const { originals, translated, count } = options;
  let change = 0;
  for (let i = 0; i < originals.length; i++) {
    change += Math.abs((originals[i] ?? 0) - (translated[i] ?? 0));
  }
  const size = originals.length / count;
  const sums = { correlation: 0, spread: 0, spreadBefore: 0, colour: 0, coloured: 0 };
  for (let n = 0; n < count; n++) {
    const before = originals.subarray(n * size, (n + 1) * size);
    const after = translated.subarray(n * size, (n + 1) * size);
    const [light, lightAfter] = [luminanceOf(before), luminanceOf(after)];
    sums.correlation += correlationOf(light, lightAfter);
    sums.spreadBefore += deviationOf(light);
    sums.spread += deviationOf(lightAfter);
    const [colours, coloursAfter] = [coloursOf(before, light), coloursOf(after, lightAfter)];
    if (!hasColour(colours) || !hasColour(coloursAfter)) continue;
    sums.colour += correlationOf(colours, coloursAfter);
    sums.coloured++;
  }
  const spread = meanDistance(originals, count);
  return {
    change: change / originals.length / 255,
    luminanceCorrelation: sums.correlation / count,
    diversity: spread === 0 ? 1 : meanDistance(translated, count) / spread,
    contrast: sums.spreadBefore === 0 ? 1 : sums.spread / sums.spreadBefore,
    colourCorrelation: sums.coloured === 0 ? 0 : sums.colour / sums.coloured,
  };
}

/** Returns blue less luminance of every pixel, then red less luminance. */
function coloursOf(image: Uint8Array, luminance: Float64Array): Float64Array {
  const pixels = luminance.length;
  return Float64Array.from({ length: 2 * pixels }, (_, i) => {
    const [at, channel] = i < pixels ? [i, 2] : [i - pixels, 0];
    return (image[3 * at + channel] ?? 0) - (luminance[at] ?? 0);
  });
}

/** Mean colour difference, of 255, below which an image counts as grey: compression leaves some. */
const GREY = 2;

const hasColour = (colours: Float64Array): boolean =>
  colours.reduce((sum, value) => sum + Math.abs(value), 0) / colours.length >= GREY;

function deviationOf(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Returns the luma of RGB pixels; source: ITU-R BT.601. */
function luminanceOf(image: Uint8Array): Float64Array {
  const luminance = new Float64Array(image.length / 3);
  for (let i = 0; i < luminance.length; i++) {
    const at = 3 * i;
    luminance[i] =
      0.299 * (image[at] ?? 0) + 0.587 * (image[at + 1] ?? 0) + 0.114 * (image[at + 2] ?? 0);
  }
  return luminance;
}

/** Returns Pearson's correlation; 0 when one of the two is constant. */
function correlationOf(a: Float64Array, b: Float64Array): number {
  const meanOf = (x: Float64Array): number => x.reduce((sum, each) => sum + each, 0) / x.length;
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const da = (a[i] ?? 0) - meanA;
    const db = (b[i] ?? 0) - meanB;
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb);
}

/** Returns the mean absolute difference between each image and the next one; 0 for a single image. */
function meanDistance(images: Uint8Array, count: number): number {
  if (count < 2) return 0;
  const size = images.length / count;
  let sum = 0;
  for (let i = 0; i < images.length; i++) {
    sum += Math.abs((images[i] ?? 0) - (images[(i + size) % images.length] ?? 0));
  }
  return sum / images.length;
}
