import { appendFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomic } from './files.js';
import { openMetricsTail } from './metrics-tail.js';
import { appendMetrics, metricsText, type StepRecord } from './run-record.js';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-tail-'));
  path = join(folder, 'metrics.jsonl');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const recordOf = (step: number): StepRecord => ({
  ...{ kind: 'step', step, epoch: 0, learningRate: 1e-3, seconds: step },
  losses: { größe: 1 / step },
});
const some = (from: number, to: number): readonly StepRecord[] =>
  Array.from({ length: to - from + 1 }, (_, i) => recordOf(from + i));

it('reads a file of 20,000 records in parts, then what was appended, and nothing twice', async () => {
  const tail = openMetricsTail(folder);
  expect(await tail.read()).toEqual({ records: [], bytes: 0 });
  await appendMetrics(folder, some(1, 20_000));
  const { size } = await stat(path);
  const first = await tail.read();
  let bytes = first.bytes;
  expect(bytes).toBe(2 ** 21);
  for (let more = bytes; more > 0; bytes += more) more = (await tail.read()).bytes;
  expect([first.records.length, bytes]).toEqual([20_000, size]);
  await appendMetrics(folder, [recordOf(20_001)]);
  const next = await tail.read();
  expect(next.bytes).toBe((await stat(path)).size - size);
  expect(next.records.at(-1)).toEqual(recordOf(20_001));
  expect(next.records).toBe(first.records);
});

it('waits for the rest of a line, also where it is cut within a character', async () => {
  const line = Buffer.from(metricsText(folder, [recordOf(1)]));
  const within = line.indexOf('ö') + 1;
  const tail = openMetricsTail(folder);
  await writeFile(path, line.subarray(0, within));
  expect((await tail.read()).records).toEqual([]);
  await appendFile(path, line.subarray(within, -1));
  expect((await tail.read()).records).toEqual([]);
  await appendFile(path, '\n');
  expect((await tail.read()).records).toEqual([recordOf(1)]);
});

it('begins again where the file was replaced, as a resumed run does, or is gone', async () => {
  const tail = openMetricsTail(folder);
  await appendMetrics(folder, some(1, 5));
  expect((await tail.read()).records).toHaveLength(5);
  await writeFileAtomic(path, metricsText(folder, some(1, 3)));
  await appendMetrics(folder, some(4, 9));
  expect((await tail.read()).records).toEqual(some(1, 9));
  await rm(path);
  expect((await tail.read()).records).toEqual([]);
});

it('names the line that is not a record', async () => {
  const tail = openMetricsTail(folder);
  await appendMetrics(folder, some(1, 2));
  await tail.read();
  await appendFile(path, '{"kind":"step"}\n');
  await expect(tail.read()).rejects.toThrow(
    /metrics\.jsonl: line 3 must be a step record, but step /,
  );
});
