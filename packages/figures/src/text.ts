import type { Interval } from '@janus/core';

const THOUSANDS = new Intl.NumberFormat('en-GB');

/** Formats a count with thousands separators: `1,845`. */
export function countText(n: number): string {
  return THOUSANDS.format(n);
}

/** Formats a rate, 0 to 1, as percent with one decimal: `94.9 %`. */
export function percentText(rate: number): string {
  return `${(100 * rate).toFixed(1)} %`;
}

/** Formats the ends of an interval, 0 to 1, as percent: `92.1–95.0 %`. */
export function rangeText(interval: Pick<Interval, 'low' | 'high'>): string {
  return `${(100 * interval.low).toFixed(1)}–${(100 * interval.high).toFixed(1)} %`;
}

/** Formats a rate with its interval and n: `94.9 % (92.1–95.0 %, n = 500)`. */
export function estimateText(interval: Interval, n: number): string {
  return `${percentText(interval.value)} (${rangeText(interval)}, n = ${countText(n)})`;
}

/** Escapes text for Plotly, whose titles and labels interpret `<b>` as markup. */
export function plainText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
