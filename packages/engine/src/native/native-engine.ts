import { EnvironmentError } from '@janus/core';
import type { EngineKind } from '../install/builds.js';
import { reasonOf } from '../install/install-errors.js';
import { installedKinds, nativeFolder } from '../install/installed.js';
import { probeGpu, whyNoGpu } from '../machine/gpu.js';
import { setGpuInUse } from './gpu-in-use.js';
import { registerNative } from './native.js';

/** The native engine, started. */
export interface NativeEngine {
  /** TensorFlow's. */
  readonly version: string;
  /** Reasons why it is not faster. */
  readonly notes: readonly string[];
}

/** An installed build that does not load. */
export interface LoadFailure {
  readonly kind: EngineKind;
  /** The system loader's first line. */
  readonly reason: string;
}

let started: NativeEngine | undefined;
let failures: readonly LoadFailure[] = [];

/** Returns the builds that did not load at the last start of the native engine. */
export function loadFailures(): readonly LoadFailure[] {
  return failures;
}

/**
 * Loads the native library, once per process: the GPU build when it is installed, else the CPU build.
 *
 * @throws EnvironmentError when none is installed or none loads; the message is the reason alone
 */
export async function startNative(): Promise<NativeEngine> {
  if (started !== undefined) return started;
  failures = [];
  for (const kind of installedKinds()) {
    const facts = kind === 'gpu' ? await probeGpu() : undefined;
    if (facts?.cards.length === 0 && facts.driver === undefined) quieten();
    try {
      const { version, usesGpu } = registerNative(nativeFolder(kind));
      const notes = failures.map(failureText);
      if (facts !== undefined && !usesGpu) notes.push(`no GPU: ${whyNoGpu(facts)}`);
      setGpuInUse(usesGpu ? facts : undefined);
      started = { version, notes };
      return started;
    } catch (error) {
      failures = [...failures, { kind, reason: reasonOf(error) }];
    }
  }
  const reasons = failures.map(failureText).join('; ');
  throw new EnvironmentError(reasons || 'not installed (`npx janus engine install` installs it)');
}

/** Returns one line about a build that did not load. */
function failureText({ kind, reason }: LoadFailure): string {
  return `the ${kind.toUpperCase()} build does not load: ${reason}`;
}

/** Hides TensorFlow's error line about a missing driver, which the notes already report. */
function quieten(): void {
  const level = process.env['TF_CPP_MIN_LOG_LEVEL'];
  if (level === undefined || level === '2') process.env['TF_CPP_MIN_LOG_LEVEL'] = '3';
}
