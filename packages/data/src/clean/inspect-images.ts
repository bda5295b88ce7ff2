import { forEachConcurrently } from '@janus/core';
import { loaderThreads, startWorker } from '@janus/images';
import { inspectImage, type Inspection } from './inspect-image.js';

/** Starting threads takes about as long as inspecting this many small images. */
const WORTH_THREADS = 200;

/** Images per task of a thread. */
const PER_TASK = 8;

/** Threads that inspect images. */
interface Inspections {
  /**
   * Returns what was found of each file, in the order of the paths; `progress` receives the number of files
   * done since its last call.
   */
  look(paths: readonly string[], progress: (more: number) => void): Promise<readonly Inspection[]>;
  close(): Promise<void>;
}

/**
 * Starts threads that inspect images: one for each core, or none for few images. The findings are the same.
 *
 * @param expected number of images
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
    // The process must not end while a thread is at work.
    worker.ref();
    return worker;
  });
  return {
    look: async (paths, progress) => {
      const found: Inspection[] = [];
      const tasks = Math.ceil(paths.length / PER_TASK);
      let taken = 0;
      // Two tasks for each thread, so that the next one is waiting when one ends.
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
          progress(part.length);
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

const lookHere: Inspections['look'] = async (paths, progress) => {
  const found: Inspection[] = [];
  await forEachConcurrently(paths, async (path, i) => {
    found[i] = await inspectImage(path);
    progress(1);
  });
  return found;
};
