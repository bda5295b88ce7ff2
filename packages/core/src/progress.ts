/** How far a task has come. */
export interface Progress {
  /** Units done so far. */
  readonly done: number;
  /** Units in all; `undefined` when unknown. */
  readonly total?: number | undefined;
  /** Units of them that were done before the task began, as those of a resumed run; default 0. */
  readonly before?: number | undefined;
  /** The unit: `images`, `steps`, `MB`. */
  readonly unit: string;
  /** The task, in a few words: `decoding`. */
  readonly label: string;
  /** More to show: `loss 0.31`. */
  readonly note?: string | undefined;
}

/** Called at every progress; the listener decides what to print and how often. */
export type ProgressListener = (progress: Progress) => void;

/** Where a function reports what it does: a terminal, a notebook cell, a test's list. */
export interface Reporter {
  /** Takes a line for a person, without its line break. */
  readonly log: (line: string) => void;
  readonly progress: ProgressListener;
}

const ignore = (): void => undefined;

/** Reports nothing. */
export const SILENT: Reporter = { log: ignore, progress: ignore };

/** Returns seconds as `7 s`, `3 min 20 s` or `2 h 05 min`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`;
}

/** Returns an estimate in words: `less than a minute`, `about 4 minutes`, `about 3 hours`, `about 2 days`. */
export function aboutText(seconds: number): string {
  const [size, unit] =
    seconds < 5400 ? [60, 'minute'] : seconds < 129_600 ? [3600, 'hour'] : [86_400, 'day'];
  const count = Math.round(seconds / size);
  if (count === 0) return 'less than a minute';
  return `about ${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** Returns one line about a task that began `elapsedSeconds` ago: count, rate, time left, note. */
export function progressLine(progress: Progress, elapsedSeconds: number): string {
  const { done, before = 0, total, unit, label, note } = progress;
  const rate = elapsedSeconds > 0 ? (done - before) / elapsedSeconds : 0;
  const parts = [
    total === undefined ? `${label}: ${done} ${unit}` : `${label}: ${done}/${total} ${unit}`,
  ];
  if (rate > 0) parts.push(`${rate >= 10 ? rate.toFixed(0) : rate.toFixed(2)} ${unit}/s`);
  if (total !== undefined && rate > 0 && done < total) {
    parts.push(`${durationText((total - done) / rate)} left`);
  }
  if (note !== undefined && note !== '') parts.push(note);
  return parts.join(', ');
}
