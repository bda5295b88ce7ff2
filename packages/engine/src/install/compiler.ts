/** The C++ compiler that builds the addons: the user's, the machine's, or one that pip brings. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EnvironmentError, withTemporaryFolder } from '@janus/core';
import type { Wheel } from './builds.js';
import type { Problem } from './gpu-problems.js';
import { complaintOf, megabytes, reasonOf } from './install-errors.js';
import { addWheel } from './wheels.js';

const run = promisify(execFile);

/** A C++ compiler that understands g++'s options. */
export interface Compiler {
  /** As a message names it. */
  readonly name: string;
  readonly program: string;
  /** Arguments before all others. */
  readonly args: readonly string[];
  /** Environment variables that it needs besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The zig compiler, a clang with the headers and libraries of C++ and of Linux's C library. */
export const ZIG_WHEEL: Wheel = {
  name: 'ziglang',
  version: '0.17.1',
  file: 'ziglang-0.17.1-py3-none-manylinux_2_12_x86_64.manylinux2010_x86_64.musllinux_1_1_x86_64.whl',
  bytes: 101_083_562,
  sha256: 'ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54',
};

/** Disk space while {@link ZIG_WHEEL} is in use: the wheel, then 433 MB unpacked with what it compiles for itself. */
export const ZIG_PEAK_BYTES = 650_000_000;

/** A whole program: a compiler without the headers or libraries of C++ is of no use. */
const PROBE = '#include <string>\nextern "C" int size() { return int(std::string("x").size()); }\n';

/**
 * Returns the compiler that `CXX` names, else g++ or clang++, whichever is first found to work.
 *
 * @param environment where `CXX` is read: a program with arguments, separated by spaces; empty is unset
 * @returns `undefined` when `CXX` is not set, and neither g++ nor clang++ works
 * @throws EnvironmentError when `CXX` names a program that does not compile
 */
export async function findCompiler(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Compiler | undefined> {
  const [chosen, ...args] = (environment['CXX'] ?? '').split(' ').filter((each) => each !== '');
  if (chosen !== undefined) {
    const complaint = await complaintAbout({ name: chosen, program: chosen, args });
    if (complaint === undefined) return { name: chosen, program: chosen, args };
    throw new EnvironmentError(
      `engine install: CXX must name a C++ compiler that works, but ${[chosen, ...args].join(' ')} does not (${complaint}). Correct CXX, or unset it to use g++, clang++ or a compiler from pip.`,
    );
  }
  for (const program of ['g++', 'clang++']) {
    const compiler = { name: program, program, args: [] };
    if ((await complaintAbout(compiler)) === undefined) return compiler;
  }
  return undefined;
}

/** Compiles a small library; returns why that fails, `undefined` when it succeeds. */
async function complaintAbout(compiler: Compiler): Promise<string | undefined> {
  try {
    await withTemporaryFolder('compiler', async (folder) => {
      const source = join(folder, 'probe.cc');
      await writeFile(source, PROBE);
      await compileWith(compiler, [
        ...['-std=c++17', '-fPIC', '-shared', source, '-o', join(folder, 'probe.so')],
      ]);
    });
    return undefined;
  } catch (error) {
    return complaintOf(error);
  }
}

/** Runs a compiler; rejects with the failure of its process, standard error included. */
export async function compileWith(compiler: Compiler, args: readonly string[]): Promise<void> {
  await run(compiler.program, [...compiler.args, ...args], {
    maxBuffer: 64e6,
    env: { ...process.env, ...compiler.environment },
  });
}

/** Returns what `doctor` says about the compiler: nothing when one works. */
export async function compilerProblems(): Promise<readonly Problem[]> {
  try {
    if ((await findCompiler()) !== undefined) return [];
    const { name, version, bytes } = ZIG_WHEEL;
    return [
      {
        what: `Neither g++ nor clang++ works here, so installing the native engine fetches a compiler too (${name} ${version}, ${megabytes(bytes)}).`,
        remedy: 'apt install g++, or set CXX to another compiler',
      },
    ];
  } catch (error) {
    return [{ what: reasonOf(error), remedy: 'unset CXX' }];
  }
}

/** Returns a line that says what is fetched in place of a compiler, and its size. */
export function zigLine(): string {
  const { name, version, bytes } = ZIG_WHEEL;
  return `No C++ compiler works here: downloading one with pip, ${name} ${version} (${megabytes(bytes)}), which is removed afterwards...`;
}

/**
 * Fetches zig's compiler into `folder`, which the caller removes. It links its own C++ library into what
 * it compiles; the addons call TensorFlow and Node through C only.
 *
 * @throws EnvironmentError when pip cannot fetch it, or it cannot be unpacked
 * @throws DataError when the file has another hash or name
 */
export async function fetchCompiler(folder: string): Promise<Compiler> {
  await addWheel(
    ZIG_WHEEL,
    folder,
    "It is the compiler for machines where neither g++ nor clang++ works: install one of them (apt install g++), name another in CXX, check the network and pip's index, or use the wasm engine.",
  );
  const cache = join(folder, 'cache');
  return {
    name: `${ZIG_WHEEL.name} ${ZIG_WHEEL.version}`,
    program: join(folder, 'ziglang', 'zig'),
    // Without a target it would compile for this very processor, and a cache may serve several machines.
    args: ['c++', '-target', 'x86_64-linux-gnu'],
    environment: { ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache },
  };
}
