import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  appendMetrics,
  encodeEvent,
  readMetrics,
  type EventContent,
  type StepRecord,
} from '@janus/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRecordWriter } from './event-files.js';
import { keepMetricsUpTo } from './run-folder.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-events-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const recordOf = (step: number, parts: Partial<StepRecord> = {}): StepRecord => ({
  ...{ kind: 'step', step, epoch: 0, split: 'train', learningRate: 1e-3, seconds: step },
  ...{ losses: { crossEntropy: 1 / step }, ...parts },
});
const validation = (step: number): StepRecord =>
  recordOf(step, { kind: 'epoch', split: 'validation', metrics: { accuracy: 0.5 } });

const VERSION: EventContent = { kind: 'version' };
const restart = (step: number): EventContent => ({ kind: 'restart', step });
const scalars = (step: number, more: Readonly<Record<string, number>> = {}): EventContent => ({
  ...{ kind: 'scalars', step },
  scalars: { 'losses/crossEntropy': 1 / step, ...more, 'learning-rate': 1e-3 },
});

/** Returns the records of all files of a curve as they are in the files, in the order of their names. */
async function framesOf(curve: string): Promise<readonly Buffer[]> {
  const place = join(folder, 'tensorboard', curve);
  const frames: Buffer[] = [];
  for (const name of (await readdir(place)).sort()) {
    let rest = await readFile(join(place, name));
    while (rest.length > 0) {
      const length = Number(rest.readBigUInt64LE(0)) + 16;
      frames.push(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  }
  return frames;
}

/** Expects the events of a curve, whatever their times: the double in field 1, after length, checksum and tag. */
async function expectEvents(curve: string, contents: readonly EventContent[]): Promise<void> {
  const frames = await framesOf(curve);
  const wanted = contents.map((each, i) => encodeEvent(each, frames[i]?.readDoubleLE(13) ?? 0));
  expect(frames.map((each) => each.toString('hex'))).toEqual(
    wanted.map((each) => Buffer.from(each).toString('hex')),
  );
}

it('writes a curve for steps, for epochs and for validation, beside metrics.jsonl', async () => {
  const write = await openRecordWriter(folder, true);
  const records = [recordOf(1), recordOf(2), recordOf(2, { kind: 'epoch' }), validation(2)];
  for (const each of records) await write(each);
  expect(await readMetrics(folder)).toEqual(records);
  await expectEvents('train', [VERSION, restart(0), scalars(1), scalars(2)]);
  await expectEvents('train-epochs', [VERSION, restart(0), scalars(2)]);
  await expectEvents('validation', [VERSION, restart(0), scalars(2, { 'metrics/accuracy': 0.5 })]);
});

it('of a resumed run, makes readers forget what is repeated, in every curve', async () => {
  const first = await openRecordWriter(folder, true);
  for (const each of [recordOf(1), recordOf(2), recordOf(3), validation(3)]) await first(each);
  await keepMetricsUpTo(folder, 2);
  const second = await openRecordWriter(folder);
  await second(recordOf(3));
  const again = [VERSION, restart(3)];
  const before = [VERSION, restart(0), ...[1, 2, 3].map((step) => scalars(step))];
  await expectEvents('train', [...before, ...again, scalars(3)]);
  const ended = scalars(3, { 'metrics/accuracy': 0.5 });
  await expectEvents('validation', [VERSION, restart(0), ended, ...again]);
});

it('of a run that had none, writes the earlier records first; without being asked, none', async () => {
  await appendMetrics(folder, [recordOf(1), validation(1)]);
  const silent = await openRecordWriter(folder);
  await silent(recordOf(2));
  expect(existsSync(join(folder, 'tensorboard'))).toBe(false);
  const write = await openRecordWriter(folder, true);
  await write(recordOf(3));
  await expectEvents('train', [VERSION, restart(0), scalars(1), scalars(2), scalars(3)]);
  await expectEvents('validation', [VERSION, restart(0), scalars(1, { 'metrics/accuracy': 0.5 })]);
});
