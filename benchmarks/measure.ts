import { readFileSync } from 'node:fs';
import { medianOf } from '@janus/core';

/** What one measurement found. */
export interface Measured {
  readonly value: number;
  readonly unit: 'img/s' | 's/step';
  /** Settings that it chose by itself. */
  readonly config: Readonly<Record<string, string | number>>;
}

/** How often {@link secondsOf} works. */
export interface Repetitions {
  /** Not timed; default 1, as the peers' scripts do. */
  readonly warmUp?: number;
  readonly timed: number;
}

/** Returns the median seconds of a piece of work. */
export async function secondsOf(
  work: () => Promise<void>,
  { warmUp = 1, timed }: Repetitions,
): Promise<number> {
  for (let i = 0; i < warmUp; i++) await work();
  const seconds: number[] = [];
  for (let i = 0; i < timed; i++) {
    const began = performance.now();
    await work();
    seconds.push((performance.now() - began) / 1000);
  }
  return medianOf(seconds);
}

/** Returns the most memory that this process held so far. */
export function peakRssMb(): number {
  // What getrusage says may be the parent's; Linux tells the process's own.
  try {
    const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (peak !== undefined) return Math.round(Number(peak) / 1024);
  } catch {
    // Not Linux.
  }
  return Math.round(process.resourceUsage().maxRSS / 1024);
}
