import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { wasmThreads } from './threads.js';

/** Convolves on the wasm engine, prints what it sees, and ends by itself. */
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

/** Milliseconds after which a process counts as one that does not end: half a test's own limit, so that the error says so. */
const PATIENCE_MS = 300_000;

async function run(environment: Record<string, string>): Promise<Seen> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@janus/source', '--import', 'tsx', '--input-type=module', '--eval', PROGRAM],
    { cwd: import.meta.dirname, env: { ...process.env, ...environment }, timeout: PATIENCE_MS },
  );
  return JSON.parse(stdout) as Seen;
}

/** 30 x 30 pixels, 16 channels, each the sum of 3 x 3 x 16 ones. */
const SUM = 30 * 30 * 16 * 144;

describe('the wasm engine', () => {
  it('computes on one thread per core, or on as many as asked for, 8 at most', () => {
    expect([1, 2, 8, 64].map((cores) => wasmThreads(undefined, cores))).toEqual([1, 2, 8, 8]);
    expect([1, 4, 9].map((asked) => wasmThreads(asked, 2))).toEqual([1, 4, 8]);
  });

  it('computes on several threads, lets the process end, and leaves no global behind', async () => {
    const seen = { sum: SUM, worker: 'undefined', added: [0, 0] };
    for (const threads of [2, 4]) {
      expect(await run({ JANUS_THREADS: `${threads}` })).toEqual({ ...seen, threads });
    }
  });

  it('computes the same on one thread', async () => {
    const { sum, threads } = await run({ JANUS_THREADS: '1' });
    expect(sum).toBe(SUM);
    expect(threads).toBeLessThan(2); // tfjs's build without threads says -1
  });

  it('refuses a number of threads that is not a number', async () => {
    await expect(run({ JANUS_THREADS: 'many' })).rejects.toThrow(
      /JANUS_THREADS: must be a whole number of 1 or more, but got many/,
    );
  });
});
