/** Measures of the three failures of a CycleGAN that its losses do not show. */

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
}

/** Limits below which a person should look at the samples. */
export const ALARM_LIMITS: TranslationAlarms = {
  change: 0.01,
  luminanceCorrelation: 0,
  diversity: 0.2,
};

/** Returns how far translations differ from their originals and from each other. */
export function translationAlarms(options: TranslationAlarmsOptions): TranslationAlarms {
  const { originals, translated, count } = options;
  let change = 0;
  for (let i = 0; i < originals.length; i++) {
    change += Math.abs((originals[i] ?? 0) - (translated[i] ?? 0));
  }
  const size = originals.length / count;
  let correlation = 0;
  for (let n = 0; n < count; n++) {
    const part = (images: Uint8Array): Float64Array =>
      luminanceOf(images.subarray(n * size, (n + 1) * size));
    correlation += correlationOf(part(originals), part(translated));
  }
  const spread = meanDistance(originals, count);
  return {
    change: change / originals.length / 255,
    luminanceCorrelation: correlation / count,
    diversity: spread === 0 ? 1 : meanDistance(translated, count) / spread,
  };
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
