/** Runs that come as a zip file: what the playground saves. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DataError, makeTemporaryFolder } from '@janus/core';
import { unzipSync } from 'fflate';

/** A run's folder; `dispose` removes it where it was unpacked. */
export interface RunFolder {
  readonly folder: string;
  readonly dispose: () => Promise<void>;
}

/** Bytes that a run may unpack to: ten times VGG-16 with its largest head. */
const MOST_BYTES = 6e9;

/**
 * Returns the folder of a run: unpacked to a temporary one where a `.zip` file is named. The run is the folder in the file
 * that holds `run.json`, the outermost one.
 *
 * @throws DataError when the file cannot be unpacked, holds no run, or names files outside of it
 */
export async function openRunFolder(run: string): Promise<RunFolder> {
  if (!run.toLowerCase().endsWith('.zip')) return { folder: run, dispose: () => Promise.resolve() };
  const files = await unzipped(run);
  const root = rootOf([...files.keys()]);
  if (root === undefined) throw unusable(run, 'holds no run.json');
  const { path: folder, remove: dispose } = await makeTemporaryFolder('run');
  try {
    for (const [name, bytes] of files) {
      if (!name.startsWith(root)) continue;
      const path = join(folder, name.slice(root.length));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    }
    return { folder, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function unzipped(path: string): Promise<ReadonlyMap<string, Uint8Array>> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw unusable(path, 'cannot be read', error);
  }
  let total = 0;
  try {
    const files = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        total += originalSize;
        if (total > MOST_BYTES) throw new Error(`unpacks to more than ${MOST_BYTES / 1e9} GB`);
        if (name.startsWith('/') || name.includes('\\') || name.split('/').includes('..')) {
          throw new Error(`names a file outside of it, ${name}`);
        }
        return !name.endsWith('/');
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    throw unusable(path, error instanceof Error ? error.message : String(error), error);
  }
}

/** Returns the folder of the outermost `run.json`, with its `/`; empty where that is not in one. */
function rootOf(names: readonly string[]): string | undefined {
  const [first] = names
    .filter((name) => name.split('/').at(-1) === 'run.json')
    .sort((a, b) => a.length - b.length);
  return first?.slice(0, -'run.json'.length);
}

function unusable(path: string, what: string, cause?: unknown): DataError {
  return new DataError(
    `${path}: must be a run as a zip file, but ${what}. Save it again, or name the run's folder.`,
    { path, cause },
  );
}
