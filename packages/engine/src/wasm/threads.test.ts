import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Prints what a program sees that convolves on the wasm engine, and ends by itself. */
const PROGRAM = `
  import * as tf from '@tensorflow/tfjs';
  import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
  import { useEngine } from '@janus/engine';
  const listeners = () => ['uncaughtException', 'unhandledRejection'].map((e) => process.listenerCount(e));
  const before = listeners();
  await useEngine({ engine: 'wasm' });
  const x = tf.ones([1, 32, 32, 16]);
  const y = tf.conv2d(x, tf.ones([3, 3, 16, 16]), 1, 'valid');
  const [sum] = await tf.sum(y).data();
  console.log(JSON.stringify({
    sum,
    threads: getThreadsCount(),
    worker: typeof globalThis.Worker,
    added: listeners().map((count, i) => count - before[i]),
  }));
`;

interface Seen {
  readonly sum: number;
  readonly threads: number;
  readonly worker: string;
  readonly added: readonly number[];
}

async function run(environment: Record<string, string>): Promise<Seen> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@janus/source', '--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
    { cwd: import.meta.dirname, env: { ...process.env, ...environment }, timeout: 30_000 },
  );
  return JSON.parse(stdout) as Seen;
}

/** 30 x 30 pixels, 16 channels, each the sum of 3 x 3 x 16 ones. */
const SUM = 30 * 30 * 16 * 144;

describe('the wasm engine', () => {
  it('computes on a thread a processor, lets the process end, and leaves no global behind', async () => {
    expect(await run({ JANUS_THREADS: '' })).toEqual({
      sum: SUM,
      threads: expect.toSatisfy((threads: number) =>
        availableParallelism() > 1
          ? threads === Math.min(8, availableParallelism())
          : threads === 1 || threads === -1,
      ) as unknown,
      worker: 'undefined',
      added: [0, 0],
    });
  });

  it('computes the same on more threads than processors', async () => {
    expect(await run({ JANUS_THREADS: '4' })).toMatchObject({ sum: SUM, threads: 4 });
  });

  it('refuses a number of threads that is none', async () => {
    await expect(run({ JANUS_THREADS: 'many' })).rejects.toThrow(
      /JANUS_THREADS: must be a whole number of 1 or more, but got many/,
    );
  });
});
