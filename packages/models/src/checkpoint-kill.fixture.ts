/**
 * Saves checkpoints of step 1, 2 and 3 in a process of its own, which stops for good at a named point of saving
 * step 3 and says so on stdout: `node --import tsx checkpoint-kill.fixture.ts <folder> <point>`.
 */
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { saveCheckpoint } from './checkpoint.js';

/** Where a save can be stopped, in the order of a save. */
export type SavePoint = 'tensors half written' | 'all written' | 'renamed' | 'oldest half removed';

const [folder, point] = process.argv.slice(2) as [string, SavePoint];

let saving = 0;

/** Stops here for good when this is the point; the timer keeps the process alive. */
async function pass(here: SavePoint): Promise<void> {
  if (saving !== 3 || here !== point) return;
  setInterval(() => undefined, 2 ** 30);
  process.stdout.write('stopped\n');
  await new Promise(() => undefined);
}

const { open, rename, rm } = files;
files.open = async (...given) => {
  const handle = await open(...given);
  const name = basename(String(given[0]));
  if (name !== 'tensors.safetensors' && name !== 'state.json') return handle;
  const writeFile = handle.writeFile.bind(handle);
  const sync = handle.sync.bind(handle);
  handle.writeFile = async (content, options) => {
    const bytes = Buffer.from(content as Uint8Array);
    if (name === 'tensors.safetensors' && saving === 3 && point === 'tensors half written') {
      await writeFile(bytes.subarray(0, bytes.length / 2));
      await pass('tensors half written');
    }
    await writeFile(content, options);
  };
  handle.sync = async () => {
    await sync();
    if (name === 'state.json') await pass('all written');
  };
  return handle;
};
files.rename = async (from, to) => {
  await rename(from, to);
  if (basename(String(to)).startsWith('step-')) await pass('renamed');
};
files.rm = async (path, options) => {
  if (saving === 3 && point === 'oldest half removed') {
    await rm(`${String(path)}/state.json`);
    await pass('oldest half removed');
  }
  await rm(path, options);
};
syncBuiltinESMExports();

/** Large enough for writes in several pieces. */
const data = new Float32Array(200_000);
for (saving = 1; saving <= 3; saving++) {
  await saveCheckpoint(folder, {
    step: saving,
    architecture: 'net-a',
    state: saving,
    arrays: [{ name: 'w', shape: [data.length], data: data.fill(saving) }],
  });
}
