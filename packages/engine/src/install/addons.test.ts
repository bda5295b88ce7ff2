import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeOldAddons } from './addons.js';

it('removeOldAddons keeps the eight newest builds and every other file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'janus-addons-'));
  try {
    for (let i = 0; i < 11; i++) {
      const file = join(folder, `janus_graph-${i}.node`);
      await writeFile(file, '');
      await utimes(file, 1000 + i, 1000 + i);
    }
    await writeFile(join(folder, 'tfjs_binding.node'), '');
    await removeOldAddons(folder);
    const left = [3, 4, 5, 6, 7, 8, 9, 10].map((i) => `janus_graph-${i}.node`);
    expect((await readdir(folder)).sort()).toEqual([...left, 'tfjs_binding.node'].sort());
  } finally {
    await rm(folder, { recursive: true });
  }
});
