/** The output of this process, which may be a pipe. */
import type { Writable } from 'node:stream';

/**
 * Lets a process outlive the reader of its output: `janus train ... | head` ends the output, not the training. Other
 * errors of a stream still end the process.
 */
export function outliveReaders(streams: readonly Writable[]): void {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

/** Waits until a stream has handed on all that was written: the end of a process drops what a pipe has not taken yet. */
export async function flushed(stream: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
}
