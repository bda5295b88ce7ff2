/** Thread of {@link openInspections}: looks at images until it is ended. */
import { parentPort } from 'node:worker_threads';
import { forEachConcurrently } from '@janus/core';
import { inspectImage, type Inspection } from './inspect-image.js';

/** Images of which one is read and decoded by the system while another is measured here. */
const AT_ONCE = 2;

parentPort?.on('message', ({ task, paths }: { task: number; paths: readonly string[] }) => {
  const found: Inspection[] = [];
  // A failure that is none of a file's ends the thread, which the other side sees.
  void forEachConcurrently(
    paths,
    async (path, i) => {
      found[i] = await inspectImage(path);
    },
    AT_ONCE,
  ).then(() => parentPort?.postMessage({ task, found }));
});
