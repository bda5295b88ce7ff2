/** Trainings that are asked to stop by a file, and go on as if they had not been. */
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLock, readRun, SILENT, type LockOwner } from '@janus/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trainClassifier, trainCycleGan, type RunContext } from './index.js';
import { isAsked, requestStop } from './run-stop.js';
import {
  listeningContext,
  makeSmallRuns,
  modelBytes,
  timeless,
  type SmallRuns,
} from './small-runs.fixture.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true, force: true });
});

const ASKED = 'Asked to stop: the run ends after the step at hand.';

/** Returns the context of a run that is asked to stop at its first record of a step. */
function stoppedContext(name: string): RunContext & { readonly folder: string } {
  const context = listeningContext(small.root, name);
  let told = (): void => undefined;
  const heard = new Promise<void>((done) => (told = done));
  const log = (line: string): void => {
    if (line === ASKED) told();
  };
  let asked = false;
  return {
    ...context,
    reporter: { ...SILENT, log },
    onRecord: async () => {
      if (asked) return;
      asked = true;
      await requestStop(context.folder);
      await heard;
    },
  };
}

const trainings = {
  classifier: (context: RunContext) => trainClassifier(small.classifier, context),
  cyclegan: (context: RunContext) => trainCycleGan(small.translation, context),
};

it.each(['classifier', 'cyclegan'] as const)(
  'a %s that is asked to stop ends early, and resumed it equals one that was not',
  async (kind) => {
    const train = trainings[kind];
    const whole = await train(listeningContext(small.root, `${kind}-whole`));
    const context = stoppedContext(`${kind}-stopped`);
    const stopped = await train(context);
    expect(stopped.finished).toBe(false);
    expect(stopped.steps).toBeLessThan(whole.steps);
    expect(existsSync(join(context.folder, 'run.stop'))).toBe(false);
    const record = await readRun(context.folder);
    expect([record.status, record.updates]).toEqual(['stopped', whole.steps]);
    const resumed = await train({ ...context, existing: 'resume', onRecord: () => undefined });
    expect(resumed).toMatchObject({ finished: true, steps: whole.steps });
    expect(await timeless(context.folder)).toEqual(await timeless(whole.folder));
    const [first, second] = [whole.folder, context.folder].map((each) => modelBytes(each, kind));
    expect((await second)?.equals((await first) ?? Buffer.of())).toBe(true);
  },
);

it('a folder in which nothing trains has nothing to stop, also where a killed process left its lock', async () => {
  const folder = small.root;
  await expect(requestStop(folder)).rejects.toThrow(/needs a training to stop, but none writes/);
  const gone = { work: 'training', pid: 2 ** 22 + 1, host: 'h', processStart: null, since: 's' };
  await writeFile(join(folder, 'run.lock'), JSON.stringify(gone));
  // Of another machine nothing is certain: it is asked.
  await requestStop(folder);
  const lock = await readLock(join(folder, 'run.lock'));
  expect(lock).toMatchObject({ owner: gone, isGone: false });
  expect(await isAsked(folder, gone)).toBe(true);
  const later: LockOwner = { ...gone, since: 'later' };
  expect(await isAsked(folder, later)).toBe(false);
  await rm(join(folder, 'run.lock'));
});
