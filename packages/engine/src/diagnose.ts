import { execFile } from 'node:child_process';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { cacheFolder } from '@janus/core';
import { installedVersion } from './install.js';
import { TENSORFLOW_VERSION } from './settings.js';
import { deviceName, useEngine } from './use-engine.js';

/** Something missing and the command that mends it. */
export interface Problem {
  readonly what: string;
  readonly remedy: string;
}

/** What `janus doctor` says. */
export interface Diagnosis {
  readonly engine: string;
  readonly engineVersion: string;
  readonly device: string;
  readonly node: string;
  readonly janus: string;
  /** Version of the installed native library, or `none`. */
  readonly nativeLibrary: string;
  readonly memoryGb: number;
  readonly cache: string;
  readonly problems: readonly Problem[];
}

/** Returns which engine runs here and what would make it better. */
export async function diagnose(janus: string): Promise<Diagnosis> {
  const problems: Problem[] = [];
  const native = await installedVersion();
  if (native === undefined) {
    problems.push({
      what: `The native engine (TensorFlow ${TENSORFLOW_VERSION}) is not installed; wasm runs, several times slower.`,
      remedy: 'npx janus engine install',
    });
    for (const [program, args, remedy] of [
      ['python3', ['-m', 'pip', '--version'], 'apt install python3-pip'],
      ['g++', ['--version'], 'apt install g++'],
    ] as const) {
      if (!(await runs(program, args))) {
        problems.push({
          what: `${program} ${args.join(' ')} does not run; installing the native engine needs it.`,
          remedy,
        });
      }
    }
  }
  let engine = { name: 'none', version: '' };
  try {
    engine = await useEngine();
  } catch (error) {
    problems.push({
      what: error instanceof Error ? error.message : String(error),
      remedy: 'unset JANUS_ENGINE',
    });
  }
  if (
    native !== undefined &&
    engine.name !== 'tensorflow' &&
    process.env['JANUS_ENGINE'] === undefined
  ) {
    problems.push({
      what: 'The native engine is installed, but does not load.',
      remedy: 'npx janus engine install',
    });
  }
  return {
    engine: engine.name,
    engineVersion: engine.version,
    device: deviceName(),
    node: process.version,
    janus,
    nativeLibrary: native ?? 'none',
    memoryGb: Math.round(totalmem() / 1e8) / 10,
    cache: cacheFolder(),
    problems,
  };
}

async function runs(program: string, args: readonly string[]): Promise<boolean> {
  try {
    await promisify(execFile)(program, args);
    return true;
  } catch {
    return false;
  }
}
