import { chmod, mkdir, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { installEngine } from './install.js';
import { ENGINE_BUILDS } from './builds.js';
import { nativeFolder } from './installed.js';

vi.mock('node:fs/promises', async (original) => {
  const real: Record<string, unknown> = await original();
  return { ...real, statfs: vi.fn(real['statfs'] as typeof statfs) };
});

const WHEEL = ENGINE_BUILDS.cpu.wheels[0]!;

const roots: string[] = [];
let programs = '';

/** A machine of its own: an empty cache, and no program but those that a test puts there. */
beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'janus-install-'));
  roots.push(root);
  programs = join(root, 'bin');
  await mkdir(programs);
  vi.stubEnv('PATH', programs);
  vi.stubEnv('JANUS_CACHE', join(root, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.mocked(statfs).mockClear();
});
afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true });
});

async function program(name: string, script: string): Promise<void> {
  const path = join(programs, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

/** What is left beside the place of the engine. */
async function leftovers(): Promise<readonly string[]> {
  return await readdir(dirname(nativeFolder())).catch(() => []);
}

const only = it.skipIf(process.platform !== 'linux' || process.arch !== 'x64');

only('says that pip is missing, and how to get it', async () => {
  await program('g++', 'exit 0');
  await expect(installEngine()).rejects.toThrow(
    /^engine install: needs pip \(python3 -m pip\), which does not run here\. Install it \(apt install python3-pip\)/,
  );
  expect(await leftovers()).toEqual([]);
});

only('says that g++ is missing, and how to get it', async () => {
  await program('python3', 'exit 0');
  await expect(installEngine()).rejects.toThrow(
    /^engine install: needs g\+\+, which does not run here\. Install it \(apt install g\+\+\)/,
  );
  expect(await leftovers()).toEqual([]);
});

only('says how much space is missing, and where', async () => {
  await program('python3', 'exit 0');
  await program('g++', 'exit 0');
  const full = { bavail: 1000, bsize: 4096 } as never;
  vi.mocked(statfs).mockResolvedValueOnce(full);
  await expect(installEngine()).rejects.toThrow(
    /needs 1300 MB free below .*, but there are 4 MB\./,
  );
  vi.mocked(statfs).mockResolvedValueOnce(full);
  await expect(installEngine({ gpu: true })).rejects.toThrow(/needs 5300 MB free below /);
  expect(await leftovers()).toEqual([]);
});

only('counts the copies that pip keeps of what it fetches', async () => {
  const { wheels } = ENGINE_BUILDS.gpu;
  const copies = wheels.reduce((sum, { bytes }) => sum + bytes, 0);
  const cache = join(programs, '..', 'pip');
  await program('python3', `[ "$3" = cache ] && echo '${cache}'; exit 0`);
  await program('g++', 'exit 0');
  vi.mocked(statfs).mockResolvedValueOnce({ bavail: 1000, bsize: 4096 } as never);
  await expect(installEngine({ gpu: true })).rejects.toThrow(
    `needs ${Math.round((5.3e9 + copies) / 1e6)} MB free below `,
  );
});

only('says why there is no archive to install from', async () => {
  await expect(installEngine({ source: 'archive' })).rejects.toThrow(
    'engine install --source archive: must be wheel or auto, because TensorFlow 2.21.0 was not published as an archive',
  );
});

only('hands on the reason of a pip that cannot get the wheel', async () => {
  await program('python3', '[ "$3" = --version ] && exit 0; echo "ERROR: no route" >&2; exit 1');
  await program('g++', 'exit 0');
  await expect(installEngine()).rejects.toThrow(
    `engine install: pip could not get ${WHEEL.name} ${WHEEL.version} (no route).`,
  );
  expect(await leftovers()).toEqual([]);
});

only('hands on that reason for each wheel of the GPU build', async () => {
  const [first] = ENGINE_BUILDS.gpu.wheels;
  await program('python3', '[ "$3" = --version ] && exit 0; echo "ERROR: no route" >&2; exit 1');
  await program('g++', 'exit 0');
  await expect(installEngine({ gpu: true })).rejects.toThrow(
    `engine install: pip could not get ${first?.name ?? ''} ${first?.version ?? ''} (no route).`,
  );
  expect(await leftovers()).toEqual([]);
});

only('refuses a wheel of another hash before anything of it runs', async () => {
  // pip gets the folder as the argument after --dest.
  const download = `while [ "$1" != --dest ]; do shift; done; echo other > "$2/${WHEEL.file}"`;
  await program('python3', `[ "$3" = --version ] && exit 0; ${download}`);
  await program('g++', 'exit 0');
  await expect(installEngine()).rejects.toThrow(
    `engine install: ${WHEEL.file} must have sha256 ${WHEEL.sha256}, but has `,
  );
  expect(await leftovers()).toEqual([]);
});
