import { OptionsError } from '@janus/core';
import { compareVersions, type GpuCard, type GpuFacts } from './machine/gpu.js';
import { processorFlags } from './machine/processor-level.js';
import { gpuInUse } from './native/gpu-in-use.js';

/** Instruction sets that multiply bfloat16 numbers, as Linux names them. */
const BFLOAT16_FLAGS = ['avx512_bf16', 'amx_bf16', 'avx_ne_convert'] as const;

/** Returns which of the processor's instruction sets compute with bfloat16. */
export function bfloat16Instructions(): readonly string[] {
  const present = processorFlags();
  return BFLOAT16_FLAGS.filter((flag) => present.has(flag));
}

/** GPUs of this compute capability and newer multiply bfloat16 numbers (Ampere, 2020). */
const BFLOAT16_CAPABILITY = '8.0';

/**
 * Returns whether what computes has bfloat16: the GPU in use, else the processor. Of a GPU whose
 * compute capability is unknown it believes the best.
 */
export function computesBfloat16(
  instructions: readonly string[] = bfloat16Instructions(),
  gpu: Pick<GpuFacts, 'cards'> | undefined = gpuInUse(),
): boolean {
  return gpu === undefined ? instructions.length > 0 : cardWithoutBfloat16(gpu) === undefined;
}

function cardWithoutBfloat16({ cards }: Pick<GpuFacts, 'cards'>): GpuCard | undefined {
  return cards.find(
    ({ computeCapability }) =>
      computeCapability !== undefined &&
      compareVersions(computeCapability, BFLOAT16_CAPABILITY) < 0,
  );
}

/** @throws OptionsError when what computes would have to emulate bfloat16 */
export function checkBfloat16(
  instructions: readonly string[] = bfloat16Instructions(),
  gpu: Pick<GpuFacts, 'cards'> | undefined = gpuInUse(),
): void {
  if (computesBfloat16(instructions, gpu)) return;
  const old = gpu === undefined ? undefined : cardWithoutBfloat16(gpu);
  if (old !== undefined) {
    throw new OptionsError(
      `compile: bfloat16 needs a GPU of compute capability ${BFLOAT16_CAPABILITY} or newer, but ${old.name} has ${old.computeCapability ?? ''}. Take float32, or allow it with emulateBfloat16.`,
    );
  }
  throw new OptionsError(
    'compile: bfloat16 needs a processor with one of avx512_bf16, amx_bf16, avx_ne_convert, but this one has none and would be slower than with float32. Take float32, or allow it with emulateBfloat16.',
  );
}
