import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SILENT } from '@janus/core';
import type { Engine } from '@janus/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openRun } from './run-folder.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-run-folder-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

const NATIVE = { name: 'tensorflow', version: '2.21.0', device: 'a processor' } as Engine;
const WASM = { name: 'wasm', version: '4.22.0', device: 'a processor' } as Engine;

/** Opens the run's folder, and returns the lines that it prints. */
async function opened(existing: 'refuse' | 'resume', engine: Engine): Promise<readonly string[]> {
  const lines: string[] = [];
  await openRun({
    ...{ kind: 'classifier', folder: join(root, 'run'), name: 'a run', options: { seed: 1 } },
    ...{ updates: 10, dataHash: 'abc', engine, existing },
    reporter: { log: (line: string) => void lines.push(line) },
  });
  return lines;
}

it('says that a run is resumed on another engine, and nothing with the same one', async () => {
  expect(await opened('refuse', WASM)).toEqual([]);
  expect(await opened('resume', WASM)).toEqual([]);
  expect(await opened('resume', NATIVE)).toEqual([
    'The run began on wasm 4.22.0 (a processor), and is resumed on tensorflow 2.21.0 (a processor): from here on, its numbers are not those of an uninterrupted run to the bit.',
  ]);
});

it('resumes a run whose hash of the data is that of an earlier version, and no other', async () => {
  await opened('refuse', WASM);
  const resumed = {
    kind: 'classifier',
    ...{ folder: join(root, 'run'), name: 'a run', options: { seed: 1 }, reporter: SILENT },
    ...{ updates: 10, dataHash: 'new', engine: WASM },
    existing: 'resume',
  } as const;
  await expect(openRun(resumed)).rejects.toThrow(/the manifest has changed since \(abc, now new\)/);
  const record = await openRun({ ...resumed, earlierHashes: ['ab', 'abc'] });
  expect(record.dataHash).toBe('new');
});
