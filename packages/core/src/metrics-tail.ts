/** Reads a run's records while they are written. */
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { stepRecordOf, type StepRecord } from './run-record.js';

/** What a reading of a {@link MetricsTail} found. */
export interface TailReading {
  /** Those that were read so far; the same array until the file is replaced, longer each time. */
  readonly records: readonly StepRecord[];
  /** Bytes that this reading took from the file. */
  readonly bytes: number;
}

/** A `metrics.jsonl` that is read as it grows. */
export interface MetricsTail {
  /**
   * Reads what was appended since the last reading, 2 MiB at most; from the start again where the file was
   * replaced. A line that is not complete yet waits.
   *
   * @throws DataError when a complete line is not a step record
   */
  readonly read: () => Promise<TailReading>;
}

/** Of one reading, some 8,000 records: a process that reads a long file still answers in between. */
const MAX_BYTES = 2 ** 21;

/** Line feed, which never is a part of another character in UTF-8. */
const LINE_FEED = 10;

/** Where the reading of a file stands. */
interface Place {
  /** Tells a file from one that replaced it. */
  readonly file: string;
  readonly records: StepRecord[];
  offset: number;
  /** Bytes of a line that is not complete. */
  rest: Buffer;
}

const begin = (file: string): Place => ({ file, records: [], offset: 0, rest: Buffer.of() });

/** Returns what reads the records of a run's folder; none where there is no file (yet). */
export function openMetricsTail(folder: string): MetricsTail {
  const path = join(folder, 'metrics.jsonl');
  let place = begin('');
  return {
    read: async () => {
      let handle: FileHandle;
      try {
        handle = await open(path, 'r');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        place = begin('');
        return { records: place.records, bytes: 0 };
      }
      try {
        const { size, ino, birthtimeMs } = await handle.stat();
        const file = `${ino} ${birthtimeMs}`;
        if (file !== place.file || size < place.offset) place = begin(file);
        return { records: place.records, bytes: await readOn(handle, { path, size, place }) };
      } finally {
        await handle.close();
      }
    },
  };
}

async function readOn(
  handle: FileHandle,
  { path, size, place }: { readonly path: string; readonly size: number; readonly place: Place },
): Promise<number> {
  if (size === place.offset) return 0;
  const buffer = Buffer.alloc(Math.min(size - place.offset, MAX_BYTES));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, place.offset);
  place.offset += bytesRead;
  const all = Buffer.concat([place.rest, buffer.subarray(0, bytesRead)]);
  const end = all.lastIndexOf(LINE_FEED) + 1;
  place.rest = all.subarray(end);
  const lines = all.toString('utf8', 0, end).split('\n').slice(0, -1);
  for (const line of lines) {
    place.records.push(stepRecordOf(line, { path, number: place.records.length + 1 }));
  }
  return bytesRead;
}
