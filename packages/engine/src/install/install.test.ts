import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EnvironmentError, OptionsError } from '@janus/core';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ENGINE_BUILDS } from './builds.js';
import { installEngine } from './install.js';
import { nativeFolder } from './installed.js';

const WHEEL = ENGINE_BUILDS.cpu.wheels[0]!;

/** Disks: with room for every build, and with room for none. */
const EMPTY = (): Promise<number> => Promise.resolve(1e12);
const FULL = (): Promise<number> => Promise.resolve(4_096_000);

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
  vi.stubEnv('CXX', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
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

const isOther = process.platform !== 'linux' || process.arch !== 'x64';
const reason = isOther ? ' (skipped: the engine is for Linux on x86-64)' : '';
const only = (name: string, test: () => Promise<void>): void => {
  it.skipIf(isOther)(`${name}${reason}`, test);
};

only('says that pip is missing, and how to get it', async () => {
  await program('g++', 'exit 0');
  await expect(installEngine({}, EMPTY)).rejects.toThrow(
    /^engine install: needs pip \(python3 -m pip\), but it does not run here\. Install it \(apt install python3-pip\)/,
  );
  expect(await leftovers()).toEqual([]);
});

only('names every way to a compiler when there is none and pip cannot fetch one', async () => {
  await program('python3', '[ "$3" = --version ] && exit 0; echo "ERROR: no route" >&2; exit 1');
  const lines: string[] = [];
  const installed = installEngine({ report: (line) => lines.push(line) }, EMPTY);
  await expect(installed).rejects.toThrow(
    "engine install: pip could not fetch ziglang 0.17.1 (no route). It is the compiler for machines where neither g++ nor clang++ works: install one of them (apt install g++), name another in CXX, check the network and pip's index, or use the wasm engine.",
  );
  expect(lines).toEqual([
    'No C++ compiler works here: downloading one with pip, ziglang 0.17.1 (101 MB), which is removed afterwards...',
  ]);
  expect(await leftovers()).toEqual([]);
});

only('refuses a CXX that does not compile, whatever else would', async () => {
  await program('python3', 'exit 0');
  await program('g++', 'exit 0');
  await program('mine', 'echo "mine.cc:1: error: no such header" >&2; exit 1');
  vi.stubEnv('CXX', 'mine -O1');
  await expect(installEngine({}, EMPTY)).rejects.toThrow(
    'engine install: CXX must name a C++ compiler that works, but mine -O1 does not (error: no such header). Correct CXX, or unset it to use g++, clang++ or a compiler from pip.',
  );
  expect(await leftovers()).toEqual([]);
});

only('says how much space is missing, and where', async () => {
  await program('python3', 'exit 0');
  await program('g++', 'exit 0');
  await expect(installEngine({}, FULL)).rejects.toThrow(
    /needs 1300 MB free in .*, but there are 4 MB\./,
  );
  await expect(installEngine({ gpu: true }, FULL)).rejects.toThrow(/needs 5300 MB free in /);
  await expect(installEngine({}, FULL)).rejects.toThrow(EnvironmentError);
  await rm(join(programs, 'g++'));
  // With the compiler that pip brings.
  await expect(installEngine({}, FULL)).rejects.toThrow(/needs 1950 MB free in /);
  expect(await leftovers()).toEqual([]);
});

only('counts the copies that pip keeps of what it fetches', async () => {
  const { wheels } = ENGINE_BUILDS.gpu;
  const copies = wheels.reduce((sum, { bytes }) => sum + bytes, 0);
  const cache = join(programs, '..', 'pip');
  await program('python3', `[ "$3" = cache ] && echo '${cache}'; exit 0`);
  await program('g++', 'exit 0');
  await expect(installEngine({ gpu: true }, FULL)).rejects.toThrow(
    `needs ${Math.round((5.3e9 + copies) / 1e6)} MB free in `,
  );
});

only('says why there is no archive to install from', async () => {
  await expect(installEngine({ source: 'archive' })).rejects.toThrow(OptionsError);
  await expect(installEngine({ source: 'archive' })).rejects.toThrow(
    'engine install: --source must be wheel or auto, but got archive: TensorFlow 2.21.0 was not published as an archive',
  );
});

only('passes on why pip cannot fetch the wheel', async () => {
  await program('python3', '[ "$3" = --version ] && exit 0; echo "ERROR: no route" >&2; exit 1');
  await program('g++', 'exit 0');
  await expect(installEngine({}, EMPTY)).rejects.toThrow(
    `engine install: pip could not fetch ${WHEEL.name} ${WHEEL.version} (no route).`,
  );
  expect(await leftovers()).toEqual([]);
});

only('passes that on for the GPU build too', async () => {
  const [first] = ENGINE_BUILDS.gpu.wheels;
  await program('python3', '[ "$3" = --version ] && exit 0; echo "ERROR: no route" >&2; exit 1');
  await program('g++', 'exit 0');
  await expect(installEngine({ gpu: true }, EMPTY)).rejects.toThrow(
    `engine install: pip could not fetch ${first?.name ?? ''} ${first?.version ?? ''} (no route).`,
  );
  expect(await leftovers()).toEqual([]);
});

only('refuses a wheel of another hash before running any of it', async () => {
  // pip gets the folder as the argument after --dest.
  const download = `while [ "$1" != --dest ]; do shift; done; echo other > "$2/${WHEEL.file}"`;
  await program('python3', `[ "$3" = --version ] && exit 0; ${download}`);
  await program('g++', 'exit 0');
  await expect(installEngine({}, EMPTY)).rejects.toThrow(
    `engine install: ${WHEEL.file} must have sha256 ${WHEEL.sha256}, but has `,
  );
  expect(await leftovers()).toEqual([]);
});
