import type { EngineKind } from '../install/builds.js';
import { reasonOf } from '../install/install-errors.js';
import { installedKinds, nativeFolder } from '../install/installed.js';
import { probeGpu, whyNoGpu } from '../machine/gpu.js';
import { setGpuInUse } from './gpu-in-use.js';
import { registerNative } from './native.js';

/** The native engine that was started. */
export interface NativeEngine {
  readonly version: string;
  /** What keeps it from something better. */
  readonly notes: readonly string[];
}

/** A build that is installed and cannot be used. */
export interface LoadFailure {
  readonly kind: EngineKind;
  readonly reason: string;
}

let started: NativeEngine | undefined;
let failures: readonly LoadFailure[] = [];

/** Returns the builds that did not load when the native engine was last started. */
export function loadFailures(): readonly LoadFailure[] {
  return failures;
}

/**
 * Loads the native library, once a process: the GPU build when it is installed, else the CPU build.
 *
 * @throws Error when none is installed or loads
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
  throw new Error(reasons || 'not installed, `npx janus engine install` does it');
}

/** Returns one line about a build that did not load. */
function failureText({ kind, reason }: LoadFailure): string {
  return `the ${kind.toUpperCase()} build does not load: ${reason}`;
}

/** Where there is no driver, TensorFlow's error line about it says nothing that we do not say. */
function quieten(): void {
  const level = process.env['TF_CPP_MIN_LOG_LEVEL'];
  if (level === undefined || level === '2') process.env['TF_CPP_MIN_LOG_LEVEL'] = '3';
}
