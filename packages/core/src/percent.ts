import type { Interval } from './statistics.js';

/** Returns an interval of shares, 0 to 1, as a text in percent: `93.1 % [89.5, 95.6]`. */
export function percent({ value, low, high }: Interval): string {
  const text = (share: number): string => (100 * share).toFixed(1);
  return `${text(value)} % [${text(low)}, ${text(high)}]`;
}
