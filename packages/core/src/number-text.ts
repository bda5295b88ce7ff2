import type { Interval } from './statistics.js';

const THOUSANDS = new Intl.NumberFormat('en-GB');

/** Returns a count with thousands separators: `1,845`. */
export function countText(n: number): string {
  return THOUSANDS.format(n);
}

/** Returns a share, 0 to 1, in percent with one decimal: `94.9 %`. */
export function percentText(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** Returns the ends of an interval of shares, 0 to 1, in percent: `92.1–95.0 %`. */
export function rangeText({ low, high }: Pick<Interval, 'low' | 'high'>): string {
  return `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)} %`;
}

/** Returns a share with its interval, 0 to 1, in percent: `93.1 % [89.5, 95.6]`. */
export function intervalText({ value, low, high }: Interval): string {
  return `${percentText(value)} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
}

/** Returns a share with its interval, 0 to 1, and n: `94.9 % (92.1–95.0 %, n = 500)`. */
export function estimateText(interval: Interval, n: number): string {
  return `${percentText(interval.value)} (${rangeText(interval)}, n = ${countText(n)})`;
}

/**
 * Returns the sides of images for people: `64` of squares, else width by height, `64 x 96`.
 *
 * @param width pixels
 * @param height pixels
 */
export function sidesText(width: number, height: number): string {
  return width === height ? String(height) : `${width} x ${height}`;
}
