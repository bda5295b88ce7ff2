/** Words about runs that several sections use. */
import { countText, durationText, type RunRecord } from '@janus/core';

/** Returns a number of how a run ended; undefined where the run has none. */
export const numberIn = (record: RunRecord, name: string): number | undefined => {
  const value = record.result?.[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

/** Returns the day that it is here, where the report is written: `2026-01-31`. */
export function dayText(date: Date): string {
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part) => String(part).padStart(2, '0')).join('-');
}

/** Returns where a run's loss left its range: `diverged at step 30 (crossEntropy 26,300)`. */
function divergedText(record: RunRecord): string | undefined {
  const diverged = record.result?.['diverged'];
  if (typeof diverged !== 'object' || diverged === null) return undefined;
  const { step, name, loss } = diverged as Readonly<Record<string, unknown>>;
  if (typeof step !== 'number' || typeof name !== 'string') return undefined;
  const value = typeof loss === 'number' ? countText(Number(loss.toPrecision(3))) : 'not finite';
  return `diverged at step ${countText(step)} (${name} ${value})`;
}

/** Returns what a CycleGAN collapsed to: `collapsed (xToY: unchanged)`. */
function collapsedText(record: RunRecord): string | undefined {
  const collapsed = record.result?.['collapsed'];
  if (!Array.isArray(collapsed)) return undefined;
  const parts = collapsed.flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null) return [];
    const { kind, where } = each as Readonly<Record<string, unknown>>;
    return typeof kind === 'string' && typeof where === 'string' ? [`${where}: ${kind}`] : [];
  });
  return parts.length === 0 ? undefined : `collapsed (${parts.join('; ')})`;
}

/** Returns how a run went: `600 steps, 3 min 20 s, 48 images/s, seed 1, finished`. */
export function optionText(record: RunRecord): string {
  const steps = numberIn(record, 'steps');
  const seconds = numberIn(record, 'seconds');
  const rate = numberIn(record, 'imagesPerSecond');
  return [
    steps === undefined ? undefined : `${countText(steps)} steps`,
    seconds === undefined ? undefined : durationText(seconds),
    rate === undefined ? undefined : `${countText(Math.round(rate * 10) / 10)} images/s`,
    `seed ${record.seed}`,
    record.status,
    divergedText(record),
    collapsedText(record),
  ]
    .filter((part) => part !== undefined)
    .join(', ');
}

/** Returns an option's value as a reader writes it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) {
    return value.map(valueText).join(', ');
  }
  return JSON.stringify(value);
}
