/** One writer at a time in a run's folder, through the functions that scripts call. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitDataset } from '@janus/data';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CLASSIFIER_SMALL, evaluateRun, generateFaces, trainClassifier } from './index.js';
import type { ClassifierRunOptions } from './index.js';
import { emptyRunFolder, whileLocked } from './run-lock.js';

const engine = 'wasm';

let root = '';
let options: ClassifierRunOptions;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-run-lock-'));
  const data = join(root, 'faces');
  await generateFaces(24, { out: data, size: 32 });
  await splitDataset(data, { stratify: ['presentation'] });
  const small = { size: 32, epochs: 1, batchSize: 10, head: '1x8' };
  options = { ...CLASSIFIER_SMALL, ...small, data, target: 'presentation' };
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

it('while a run trains, nobody resumes, replaces or evaluates it, and it ends as if alone', async () => {
  const folder = join(root, 'busy');
  const refused: unknown[] = [];
  const first = await trainClassifier(options, {
    folder,
    engine,
    onRecord: async ({ step, kind }) => {
      if (step !== 1 || kind !== 'step') return;
      for (const existing of ['refuse', 'resume', 'overwrite'] as const) {
        const second = trainClassifier(options, { folder, engine, existing });
        refused.push(await second.catch((error: unknown) => error));
      }
      refused.push(await evaluateRun(folder, { engine }).catch((error: unknown) => error));
    },
  });
  expect(first.finished).toBe(true);
  for (const error of refused) {
    expect(error).toMatchObject({ code: 'unavailable' });
    expect(String(error)).toMatch(
      new RegExp(`run\\.lock: one process .*process ${process.pid} on .*\\(training since `),
    );
  }
  expect(refused).toHaveLength(4);
  expect(await readdir(folder)).not.toContain('run.lock');
  expect((await evaluateRun(folder, { engine, figures: false })).kind).toBe('classifier');
  expect(await readdir(folder)).not.toContain('run.lock');
});

it('a lock that a killed process left is taken over with a line', async () => {
  const folder = join(root, 'stale');
  const lines: string[] = [];
  const reporter = { log: (line: string) => void lines.push(line) };
  const task = { folder, work: 'training', reporter } as const;
  await whileLocked(task, async () => {
    const lock = join(folder, 'run.lock');
    const own = JSON.parse(await readFile(lock, 'utf8')) as object;
    await writeFile(lock, JSON.stringify({ ...own, processStart: 'an earlier boot' }));
  });
  expect(await whileLocked(task, () => Promise.resolve('done'))).toBe('done');
  expect(lines).toEqual([
    expect.stringMatching(/stale: took over the lock of process \d+ \(training since .*has ended/),
  ]);
});

it('the lock goes with a task that fails, and a folder that was made for it too', async () => {
  const folder = join(root, 'failed', 'run');
  const reporter = { log: () => undefined };
  const failing = whileLocked({ folder, work: 'training', reporter }, () =>
    Promise.reject(new Error('no')),
  );
  await expect(failing).rejects.toThrow('no');
  expect(await readdir(join(root, 'failed'))).toEqual([]);
});

it('a run is removed from its folder but for its lock', async () => {
  const folder = join(root, 'emptied');
  await whileLocked({ folder, work: 'training', reporter: { log: () => undefined } }, async () => {
    await writeFile(join(folder, 'run.json'), '{}');
    await writeFile(join(folder, 'metrics.jsonl'), '');
    await emptyRunFolder(folder);
    expect(await readdir(folder)).toEqual(['run.lock']);
  });
});
