/** Whole runs whose frozen layers see changed images, as small as they can be. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  listeningContext,
  makeSmallRuns,
  modelBytes,
  timeless,
  type SmallRuns,
} from '../small-runs.fixture.js';
import type { ClassifierRunOptions } from './options.js';
import { trainClassifier } from './train.js';

let small: SmallRuns;
beforeAll(async () => {
  small = await makeSmallRuns();
});
afterAll(async () => {
  await rm(small.root, { recursive: true });
});

const features = async (): Promise<number> =>
  (await readdir(join(small.fineTuned.data, 'features')).catch(() => [])).length;

it('a linear head learns from copies, and an interruption between their batches keeps nothing of them', async () => {
  const linear: ClassifierRunOptions = {
    ...small.fineTuned,
    ...{ head: 'linear', unfreeze: 'none', augment: ['flip', 'crop'], augmentCopies: 1 },
  };
  const controller = new AbortController();
  const context = listeningContext(small.root, 'copies');
  const { reporter } = context;
  const stopped = await trainClassifier(linear, {
    ...{ ...context, signal: controller.signal },
    reporter: {
      log: reporter?.log ?? (() => undefined),
      progress: ({ label }) => {
        if (label.includes('copy 1')) controller.abort();
      },
    },
  });
  expect(stopped.finished).toBe(false);
  expect(await features()).toBe(1); // of the training images as they are
  expect(context.lines.join('\n')).toMatch(/1 changed copy .* 2 times the work/);
  const resumed = await trainClassifier(linear, { ...context, existing: 'resume' });
  expect(resumed.finished).toBe(true);
  expect(await features()).toBe(3);

  const plain = listeningContext(small.root, 'plain');
  const { augment, augmentCopies, ...unchanged } = linear;
  expect([augment?.length, augmentCopies]).toEqual([2, 1]);
  await trainClassifier(unchanged, plain);
  expect(await features()).toBe(3);
  const [losses, others] = await Promise.all([timeless(context.folder), timeless(plain.folder)]);
  expect(losses[0]?.losses).not.toEqual(others[0]?.losses);
});

it('blocks above frozen layers see changed images, the same when interrupted and resumed', async () => {
  const options: ClassifierRunOptions = {
    ...small.fineTuned,
    ...{ head: '1x4', augment: ['flip', 'crop'], augmentCopies: 1, epochs: 2 },
  };
  const whole = listeningContext(small.root, 'whole');
  await trainClassifier(options, whole);
  const parts = listeningContext(small.root, 'parts');
  const controller = new AbortController();
  await trainClassifier(options, {
    ...{ ...parts, signal: controller.signal },
    onRecord: ({ phase, kind }) => {
      if (phase === 'fine-tune' && kind === 'step') controller.abort();
    },
  });
  await trainClassifier(options, { ...parts, existing: 'resume' });
  expect(await timeless(parts.folder)).toEqual(await timeless(whole.folder));
  const bytes = await modelBytes(whole.folder, 'classifier');
  expect((await modelBytes(parts.folder, 'classifier')).equals(bytes)).toBe(true);
});
