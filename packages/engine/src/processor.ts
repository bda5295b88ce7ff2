import { existsSync, readFileSync } from 'node:fs';
import { OptionsError } from '@janus/core';
import { compareVersions, type GpuFacts } from './gpu.js';
import { gpuInUse } from './native-engine.js';

/** Instruction sets that multiply bfloat16 numbers, as Linux names them. */
const BFLOAT16_FLAGS = ['avx512_bf16', 'amx_bf16', 'avx_ne_convert'] as const;

/** Returns which of the processor's instruction sets compute with bfloat16. */
export function bfloat16Instructions(): readonly string[] {
  const path = '/proc/cpuinfo';
  if (!existsSync(path)) return [];
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  const present = new Set(flags.trim().split(/\s+/));
  return BFLOAT16_FLAGS.filter((flag) => present.has(flag));
}

/** GPUs of this compute capability and newer multiply bfloat16 numbers (Ampere, 2020). */
const BFLOAT16_CAPABILITY = '8.0';

/**
 * Leaves the processor aside where a GPU computes; of one whose compute capability is unknown it
 * believes the best.
 *
 * @throws OptionsError when what computes would have to emulate bfloat16
 */
export function checkBfloat16(
  instructions: readonly string[] = bfloat16Instructions(),
  gpu: Pick<GpuFacts, 'cards'> | undefined = gpuInUse(),
): void {
  if (gpu !== undefined) {
    const old = gpu.cards.find(
      ({ computeCapability }) =>
        computeCapability !== undefined &&
        compareVersions(computeCapability, BFLOAT16_CAPABILITY) < 0,
    );
    if (old === undefined) return;
    throw new OptionsError(
      `compile: bfloat16 needs a GPU of compute capability ${BFLOAT16_CAPABILITY} or newer, but ${old.name} has ${old.computeCapability ?? ''}. Take float32, or force it.`,
    );
  }
  if (instructions.length > 0) return;
  throw new OptionsError(
    'compile: bfloat16 needs a processor with one of avx512_bf16, amx_bf16, avx_ne_convert, but this one has none and would be slower than with float32. Take float32, or force it.',
  );
}
