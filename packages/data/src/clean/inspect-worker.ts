/** Thread of {@link openInspections}: inspects images until it is terminated. */
import { parentPort } from 'node:worker_threads';
import { forEachConcurrently } from '@janus/core';
import { inspectImage, type Inspection } from './inspect-image.js';

/** Images at once: one is read and decoded by libvips while another is measured in this thread. */
const AT_ONCE = 2;

parentPort?.on('message', ({ task, paths }: { task: number; paths: readonly string[] }) => {
  const found: Inspection[] = [];
  // A failure that is not due to a file ends the thread, which the other side notices.
  void forEachConcurrently(
    paths,
    async (path, i) => {
      found[i] = await inspectImage(path);
    },
    AT_ONCE,
  ).then(() => parentPort?.postMessage({ task, found }));
});
