import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  addonPlace,
  compileGraphAddon,
  graphSourceArguments,
  loadSourceArguments,
} from './addons.js';
import { compilerProblems, findCompiler } from './compiler.js';
import { installedKinds, nativeFolder } from './installed.js';

let programs = '';

/** No program but those that a test puts into PATH. */
beforeEach(async () => {
  programs = await mkdtemp(join(tmpdir(), 'janus-programs-'));
  vi.stubEnv('CXX', undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(programs, { recursive: true, force: true });
});

async function program(name: string, script: string): Promise<void> {
  vi.stubEnv('PATH', programs);
  const path = join(programs, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}

describe('findCompiler', () => {
  it('takes g++ before clang++, and CXX with its arguments before both', async () => {
    for (const name of ['g++', 'clang++', 'mine']) await program(name, 'exit 0');
    expect(await findCompiler()).toEqual({ name: 'g++', program: 'g++', args: [] });
    expect(await findCompiler({ CXX: '' })).toMatchObject({ program: 'g++' });
    expect(await findCompiler({ CXX: 'mine -fast' })).toEqual({
      name: 'mine',
      program: 'mine',
      args: ['-fast'],
    });
  });

  it('takes clang++ where g++ starts but does not compile', async () => {
    await program('g++', '[ "$1" = --version ]');
    await program('clang++', 'exit 0');
    expect(await findCompiler()).toMatchObject({ program: 'clang++' });
  });

  it('finds none where neither compiles, and leaves nothing behind', async () => {
    vi.stubEnv('TMPDIR', programs);
    await program('g++', 'exit 1');
    expect(await findCompiler()).toBeUndefined();
    expect(await readdir(programs)).toEqual(['g++']);
  });
});

it('compilerProblems names what would be fetched, and a wrong CXX', async () => {
  await program('other', 'exit 1');
  expect(await compilerProblems()).toEqual([
    {
      what: 'Neither g++ nor clang++ works here, so installing the native engine fetches a compiler too (ziglang 0.17.1, 101 MB).',
      remedy: 'apt install g++, or set CXX to another compiler',
    },
  ]);
  vi.stubEnv('CXX', 'absent');
  const [problem] = await compilerProblems();
  expect(problem?.what).toMatch(/CXX must name a C\+\+ compiler that works, but absent does not/);
  await program('clang++', 'exit 0');
  vi.stubEnv('CXX', undefined);
  expect(await compilerProblems()).toEqual([]);
});

it('compileGraphAddon names the compiler that failed, its first error, and the ways out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'janus-addon-'));
  try {
    await program('mine', 'echo "a.cc:1:2: error: strange\nerror: more" >&2; exit 1');
    const mine = { name: 'mine', program: 'mine', args: [] };
    await expect(compileGraphAddon(addonPlace('cpu', folder), mine)).rejects.toThrow(
      'engine install: mine must compile the addon, but failed (error: strange). Install g++ 9 or newer, name another compiler in CXX, or use the wasm engine.',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('gives a compiler its own environment and arguments', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'janus-addon-'));
  try {
    const seen = join(folder, 'seen');
    // The addon is what -o is followed by.
    const output = 'while [ "$1" != -o ]; do shift; done; : > "$2"';
    await program('mine', `echo "$PLACE $1 $2" > '${seen}'; ${output}`);
    await compileGraphAddon(addonPlace('cpu', folder), {
      name: 'mine',
      program: 'mine',
      args: ['c++', '-target'],
      environment: { PLACE: 'here' },
    });
    expect(await readFile(seen, 'utf8')).toBe('here c++ -target\n');
    expect(
      (await readdir(folder)).filter((name) => /^janus_graph-.*\.node$/.test(name)),
    ).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

const [kind] = installedKinds();
const compilers = await Promise.all(
  ['g++', 'clang++'].map(async (name) => ((await compiles(name)) ? [name] : [])),
);

async function compiles(name: string): Promise<boolean> {
  return (await findCompiler({ CXX: name }).catch(() => undefined)) !== undefined;
}

describe.skipIf(kind === undefined)(
  kind === undefined ? 'the addon (skipped: no headers, the engine is not installed)' : 'the addon',
  () => {
    it.each(compilers.flat())('compiles without warnings with %s', async (name) => {
      const folder = nativeFolder(kind);
      const place = addonPlace(kind ?? 'cpu', folder);
      for (const args of [graphSourceArguments(place), loadSourceArguments(place)]) {
        const { stderr } = await promisify(execFile)(name, [...args, '-fsyntax-only']);
        expect(stderr).toBe('');
      }
    });
  },
);
