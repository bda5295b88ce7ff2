import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  appendMetrics,
  readMetrics,
  readRun,
  writeRun,
  type RunRecord,
  type StepRecord,
} from './run-record.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-run-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const RUN: RunRecord = {
  format: 1,
  kind: 'classifier',
  name: 'faces',
  started: '2026-01-01T00:00:00.000Z',
  options: { head: '1x1024' },
  seed: 1,
  versions: { node: 'v20.19.0' },
  dataHash: 'abc',
  engine: 'js',
  status: 'running',
};

const STEP: StepRecord = {
  kind: 'step',
  step: 1,
  epoch: 0,
  losses: { crossEntropy: 0.7 },
  learningRate: 1e-3,
  seconds: 0.1,
};

it('a run record comes back as it was written', async () => {
  await writeRun(folder, RUN);
  expect(await readRun(folder)).toEqual(RUN);
  const longer: RunRecord = {
    ...RUN,
    startedFrom: { run: '/runs/first', step: 60, sha256: 'ab' },
    extensions: [{ step: 40, at: RUN.started, from: { epochs: 2 }, to: { epochs: 4 } }],
  };
  await writeRun(folder, longer);
  expect(await readRun(folder)).toEqual(longer);
});

it('readRun names a folder that is not a run, and the way out', async () => {
  await expect(readRun(folder)).rejects.toThrow(/a run is a folder with run\.json.*janus train/);
});

it('readRun names the field that is wrong', async () => {
  await writeFile(join(folder, 'run.json'), JSON.stringify({ ...RUN, seed: 'one' }));
  await expect(readRun(folder)).rejects.toThrow(/run\.json: seed /);
});

it('readMetrics passes over a torn last line and no other', async () => {
  await appendMetrics(folder, [STEP, { ...STEP, step: 2 }]);
  await appendFile(join(folder, 'metrics.jsonl'), '{"kind":"st');
  expect((await readMetrics(folder)).map((record) => record.step)).toEqual([1, 2]);
  await appendFile(join(folder, 'metrics.jsonl'), 'ep"}\n');
  await expect(readMetrics(folder)).rejects.toThrow(/line 3 must be a step record/);
});

it.each([NaN, Infinity, -Infinity])(
  'a loss of %s is refused with its step, and no record of the call is written',
  async (loss) => {
    await appendMetrics(folder, [STEP]);
    const bad: StepRecord = {
      ...{ ...STEP, kind: 'epoch', step: 2, split: 'validation' },
      losses: { crossEntropy: loss },
    };
    const appending = appendMetrics(folder, [{ ...STEP, step: 2 }, bad]);
    await expect(appending).rejects.toMatchObject({
      ...{ code: 'non-finite', step: 2, losses: { crossEntropy: loss } },
      message: expect.stringContaining(
        `validation crossEntropy must be finite, but is ${loss}`,
      ) as string,
    });
    expect(await readMetrics(folder)).toEqual([STEP]);
  },
);

it('a number of a run record that is not finite is refused, and the old record stays', async () => {
  await writeRun(folder, RUN);
  const writing = writeRun(folder, { ...RUN, result: { imagesPerSecond: Infinity } });
  await expect(writing).rejects.toThrow(
    /run\.json: numbers must be finite to be read back, but imagesPerSecond is Infinity/,
  );
  expect(await readRun(folder)).toEqual(RUN);
});
