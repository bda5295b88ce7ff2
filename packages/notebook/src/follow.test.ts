import { EventEmitter } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendMetrics, writeRun, type RunRecord, type StepRecord } from '@janus/core';
import type { FinishedRun, RunContext } from '@janus/runs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeScreen } from './fake-screen.fixture.js';
import { follow, type FollowContext } from './follow.js';

const root = mkdtempSync(join(tmpdir(), 'janus-follow-'));
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});
let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(root, `run-${count++}`);
});

const STEPS = 4;

const record = (step: number): StepRecord => ({
  ...{ kind: 'step', step, epoch: 0, split: 'train', phase: 'head', learningRate: 0.1 },
  ...{ losses: { crossEntropy: 1 / step }, seconds: step },
});

const runRecord = (status: RunRecord['status']): RunRecord => ({
  ...{ format: 2, kind: 'classifier', name: 'smile', started: '2026-01-01T00:00:00Z' },
  ...{ options: {}, seed: 1, versions: {}, dataHash: '', engine: '', status },
});

/** What a training was given, and when it may take its next step. */
interface Seen {
  readonly contexts: RunContext[];
  readonly beforeStep: (step: number) => void | Promise<void>;
}

/** A training of four steps that keeps to its signal, as those of `runs` do. */
const trainingOf =
  ({ contexts, beforeStep }: Seen) =>
  async (_: object, context: RunContext): Promise<FinishedRun> => {
    contexts.push(context);
    mkdirSync(folder, { recursive: true });
    await writeRun(folder, runRecord('running'));
    let steps = 0;
    while (steps < STEPS && context.signal?.aborted !== true) {
      await beforeStep(steps + 1);
      steps += 1;
      await appendMetrics(folder, [record(steps)]);
      context.reporter?.progress({ done: steps, total: STEPS, unit: 'steps', label: 'head' });
      await context.onRecord?.(record(steps));
    }
    const finished = steps === STEPS;
    await writeRun(folder, runRecord(finished ? 'finished' : 'stopped'));
    return { folder, finished, steps, seconds: 2, imagesPerSecond: 10, peakRssMb: 1 };
  };

function surroundings(rich = false) {
  const { screen, panels } = fakeScreen(rich);
  const interrupts = new EventEmitter();
  let time = 0;
  const context: FollowContext = { folder, screen, interrupts, now: () => (time += 1000) };
  return { context, panels, interrupts };
}

describe('follow', () => {
  it('shows progress and curves in place, and ends with how long it took', async () => {
    const { context, panels } = surroundings(true);
    const contexts: RunContext[] = [];
    const train = trainingOf({ contexts, beforeStep: () => undefined });
    const run = await follow(train, {}, context);
    expect(run.finished).toBe(true);
    const [lines, curves, ...others] = panels;
    expect(lines?.[0]?.['text/plain']).toBe('head: 1/4 steps');
    expect(lines?.at(-1)?.['text/plain']).toBe(`4 updates in 2 s, 10 images/s: ${folder}`);
    expect(curves?.at(-1)).toHaveProperty('application/vnd.plotly.v1+json');
    expect(others).toEqual([]);
    expect(contexts[0]?.existing).toBe('refuse');
  });

  it('ends a run at SIGINT after the step at hand, and says how to resume it', async () => {
    const { context, panels, interrupts } = surroundings();
    const beforeStep = (step: number): void => {
      if (step === 2) interrupts.emit('SIGINT');
    };
    const run = await follow(trainingOf({ contexts: [], beforeStep }), {}, context);
    expect(run).toMatchObject({ finished: false, steps: 2 });
    expect(panels[0]?.at(-1)?.['text/plain']).toMatch(
      /Stopped after 2 updates; .* Run the cell again to resume: .*, and the cells below need it\./,
    );
    expect(interrupts.listenerCount('SIGINT')).toBe(0);
  });

  it.each([
    ['resumes', 'stopped', 'resume'],
    ['resumes', 'running', 'resume'],
    ['replaces', 'finished', 'overwrite'],
  ] as const)('%s a run that is %s when its cell is run again', async (_, status, existing) => {
    await writeRun(folder, runRecord(status));
    const contexts: RunContext[] = [];
    const train = trainingOf({ contexts, beforeStep: () => undefined });
    await follow(train, {}, surroundings().context);
    expect(contexts[0]?.existing).toBe(existing);
  });

  it('waits for a run that was stopped before it trains in the same folder', async () => {
    const { context, interrupts } = surroundings();
    const contexts: RunContext[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((done) => (release = done));
    let trains = (): void => undefined;
    const training = new Promise<void>((done) => (trains = done));
    const beforeStep = (): Promise<void> => {
      trains();
      return held;
    };
    const train = trainingOf({ contexts, beforeStep });
    const stopped = follow(train, {}, context);
    await training;
    interrupts.emit('SIGINT');
    const again = follow(train, {}, context);
    // Time for a second training to begin, were it not held back.
    await new Promise((done) => setTimeout(done, 50));
    expect(contexts).toHaveLength(1);
    release();
    expect((await stopped).finished).toBe(false);
    expect((await again).finished).toBe(true);
    expect(contexts[1]?.existing).toBe('resume');
  });

  it('also ends with the signal of its context, and passes records on', async () => {
    const { context } = surroundings();
    const stop = new AbortController();
    const steps: number[] = [];
    const run = await follow(
      trainingOf({ contexts: [], beforeStep: () => undefined }),
      {},
      {
        ...context,
        signal: stop.signal,
        onRecord: ({ step }) => {
          steps.push(step);
          if (step === 3) stop.abort();
        },
      },
    );
    expect(run.finished).toBe(false);
    expect(steps).toEqual([1, 2, 3]);
  });

  it('shows the newest sheet of a translation, and prints lines alone on a text screen', async () => {
    mkdirSync(join(folder, 'samples'), { recursive: true });
    for (const [name, byte] of [
      ['step-000100.png', 1],
      ['step-000200.png', 2],
      ['step-000200-back.png', 3],
    ] as const) {
      writeFileSync(join(folder, 'samples', name), Buffer.from([0x89, 0x50, 0x4e, 0x47, byte]));
    }
    const train = trainingOf({ contexts: [], beforeStep: () => undefined });
    const rich = surroundings(true);
    await follow(train, {}, rich.context);
    expect(rich.panels[2]?.at(-1)?.['image/png']).toBe(
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 2]).toString('base64'),
    );
    const plain = surroundings();
    await follow(train, {}, plain.context);
    expect(plain.panels).toHaveLength(1);
  });

  it('leaves no listener behind when the training fails', async () => {
    const { context, interrupts } = surroundings();
    const fail = async (): Promise<FinishedRun> => Promise.reject(new Error('no data'));
    await expect(follow(fail, {}, context)).rejects.toThrow('no data');
    expect(interrupts.listenerCount('SIGINT')).toBe(0);
  });
});
