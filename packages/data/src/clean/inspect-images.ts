import { forEachConcurrently } from '@janus/core';
import { loaderThreads, startWorker } from '@janus/images';
import { inspectImage, type Inspection } from './inspect-image.js';

/** Threads take about as long to start as so many small images to look at. */
const WORTH_THREADS = 200;

/** Images that a thread is given at once. */
const PER_TASK = 8;

/** Looks at images, several at once. */
interface Inspections {
  /** Returns what each file says, in the order of the paths; `tell` hears of so many more. */
  look(paths: readonly string[], tell: (more: number) => void): Promise<readonly Inspection[]>;
  close(): Promise<void>;
}

/**
 * Opens threads that look at images: one for each core when there are images enough to be worth it,
 * else none. What they find does not depend on it.
 *
 * @param expected how many images there will be
 */
export function openInspections(
  expected: number,
  workers: number = expected < WORTH_THREADS ? 0 : loaderThreads(),
): Inspections {
  if (workers === 0) return { look: lookHere, close: () => Promise.resolve() };
  let failure: Error | undefined;
  let next = 0;
  const waiting = new Map<number, (found: readonly Inspection[]) => void>();
  const rejections = new Set<(error: Error) => void>();
  const fail = (error: Error): void => {
    failure ??= error;
    for (const reject of rejections) reject(failure);
  };
  const threads = Array.from({ length: workers }, () => {
    const worker = startWorker('./inspect-worker', import.meta.url, null);
    worker.on('message', ({ task, found }: { task: number; found: readonly Inspection[] }) => {
      waiting.get(task)?.(found);
      waiting.delete(task);
    });
    worker.on('error', fail);
    // It would keep nobody waiting, but a thread that is waited for must keep the process.
    worker.ref();
    return worker;
  });
  return {
    look: async (paths, tell) => {
      const found: Inspection[] = [];
      const tasks = Math.ceil(paths.length / PER_TASK);
      let taken = 0;
      // Two tasks a thread, so that the next one is there when one ends.
      const lanes = [...threads, ...threads].map(async (worker) => {
        while (taken < tasks) {
          const from = PER_TASK * taken++;
          const part = paths.slice(from, from + PER_TASK);
          const task = next++;
          const answer = await new Promise<readonly Inspection[]>((resolve, reject) => {
            if (failure !== undefined) {
              reject(failure);
              return;
            }
            rejections.add(reject);
            waiting.set(task, (given) => {
              rejections.delete(reject);
              resolve(given);
            });
            worker.postMessage({ task, paths: part });
          });
          answer.forEach((each, i) => {
            found[from + i] = each;
          });
          tell(part.length);
        }
      });
      await Promise.all(lanes);
      return found;
    },
    close: async () => {
      await Promise.all(threads.map((worker) => worker.terminate()));
    },
  };
}

const lookHere: Inspections['look'] = async (paths, tell) => {
  const found: Inspection[] = [];
  await forEachConcurrently(paths, async (path, i) => {
    found[i] = await inspectImage(path);
    tell(1);
  });
  return found;
};
