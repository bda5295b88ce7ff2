import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CheckpointError } from '@janus/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SavePoint } from './checkpoint-kill.fixture.js';
import { latestCheckpoint, loadCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoint.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-checkpoint-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const checkpointAt = (step: number): Checkpoint => ({
  step,
  architecture: 'net-a',
  arrays: [
    { name: 'w', shape: [2, 2], data: Float32Array.of(1, -0, 3e-40, step) },
    { name: 'step', shape: [], data: Int32Array.of(step) },
    { name: 'pool', shape: [1, 3], data: Uint8Array.of(0, 128, 255) },
  ],
  state: { cursor: { epoch: 1, batch: 2 }, random: [1, 2, 3, 4294967295], note: null },
});

const failure = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CheckpointError);
  const { message } = error as Error;
  expect(message).not.toContain('\n');
  return message;
};

it('a checkpoint comes back bit by bit', async () => {
  const path = await saveCheckpoint(folder, checkpointAt(7));
  expect(path).toBe(join(folder, 'step-000007'));
  expect(await loadCheckpoint(path, { architecture: 'net-a' })).toEqual(checkpointAt(7));
});

it('saveCheckpoint keeps the newest two, in the order of steps and not of names', async () => {
  for (const step of [999_998, 999_999, 1_000_000])
    await saveCheckpoint(folder, checkpointAt(step));
  expect((await readdir(folder)).sort()).toEqual(['step-1000000', 'step-999999']);
  expect(await latestCheckpoint(folder)).toBe(join(folder, 'step-1000000'));
});

it('saving a step twice keeps the first until the second is whole', async () => {
  await saveCheckpoint(folder, checkpointAt(5));
  const again = await saveCheckpoint(folder, { ...checkpointAt(5), state: 'second' });
  expect((await readdir(folder)).sort()).toEqual(['step-000005', 'step-000005.1']);
  expect(await latestCheckpoint(folder)).toBe(again);
  expect((await loadCheckpoint(again, { architecture: 'net-a' })).state).toBe('second');
});

it('latestCheckpoint passes over what a killed process left, and the next save removes it', async () => {
  await saveCheckpoint(folder, checkpointAt(1));
  await writeFile(join(folder, '.step-000002.99.abc.tmp'), 'half');
  expect(await latestCheckpoint(folder)).toBe(join(folder, 'step-000001'));
  await saveCheckpoint(folder, checkpointAt(3));
  expect((await readdir(folder)).sort()).toEqual(['step-000001', 'step-000003']);
});

it('latestCheckpoint of an empty or absent folder is none', async () => {
  expect(await latestCheckpoint(folder)).toBeUndefined();
  expect(await latestCheckpoint(join(folder, 'absent'))).toBeUndefined();
});

it('loadCheckpoint says what is wrong and what to do', async () => {
  const load = (path: string): Promise<Checkpoint> =>
    loadCheckpoint(path, { architecture: 'net-a' });
  expect(await failure(load(join(folder, 'step-000009')))).toMatch(/must hold state.json/);

  const path = await saveCheckpoint(folder, checkpointAt(1));
  expect(await failure(loadCheckpoint(path, { architecture: 'net-b' }))).toMatch(
    /must be of net-b, but got net-a. Resume with the options of its run/,
  );

  const tensors = join(path, 'tensors.safetensors');
  const whole = await readFile(tensors);
  const flipped = Buffer.from(whole);
  flipped[flipped.length - 1]! ^= 1;
  await writeFile(tensors, flipped);
  expect(await failure(load(path))).toMatch(/must have the sha256/);
  await writeFile(tensors, whole);
  await truncate(tensors, whole.length - 3);
  expect(await failure(load(path))).toMatch(/bytes, but got .* Remove step-000001/);
  await rm(tensors);
  expect(await failure(load(path))).toMatch(/must hold tensors.safetensors/);

  const state = join(path, 'state.json');
  const text = await readFile(state, 'utf8');
  await writeFile(state, text.replace('"format":1', '"format":2'));
  expect(await failure(load(path))).toMatch(/format must be 1, but got 2/);
  await writeFile(state, text.slice(0, 40));
  expect(await failure(load(path))).toMatch(/cut off or damaged/);
  await writeFile(state, '{}');
  expect(await failure(load(path))).toMatch(/cut off or damaged/);
});

/** Starts saving in a process of its own, kills it at a point of saving step 3, and returns when it is gone. */
async function killSaving(point: SavePoint): Promise<void> {
  const script = fileURLToPath(new URL('./checkpoint-kill.fixture.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=@janus/source', script, folder, point],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const stopped = await Promise.race([once(child.stdout, 'data'), ended.then(() => undefined)]);
  expect(String(stopped)).toBe('stopped\n');
  child.kill('SIGKILL');
  await ended;
}

// Until the rename the newest checkpoint is the one before; from then on it is the new one.
it.each([
  ['tensors half written', 2],
  ['all written', 2],
  ['renamed', 3],
  ['oldest half removed', 3],
] as const)('a process killed while saving (%s) leaves step %i', async (point, step) => {
  await killSaving(point);
  const path = await latestCheckpoint(folder);
  const found = await loadCheckpoint(path ?? '', { architecture: 'net-a' });
  expect([found.step, found.state]).toEqual([step, step]);
  expect(found.arrays[0]?.data).toEqual(new Float32Array(200_000).fill(step));
  // The next save is as ever, and removes what the killed one left.
  await saveCheckpoint(folder, checkpointAt(4));
  expect((await readdir(folder)).sort()).toEqual([`step-00000${step}`, 'step-000004']);
});
