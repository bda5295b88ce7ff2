import { EnvironmentError } from '@janus/core';
import { compareVersions, type GpuCard, type GpuFacts } from './machine/gpu.js';
import { processorFlags } from './machine/processor-level.js';
import { gpuInUse } from './native/gpu-in-use.js';

/** Instruction sets that multiply bfloat16 numbers, by Linux's names. */
const BFLOAT16_FLAGS = ['avx512_bf16', 'amx_bf16', 'avx_ne_convert'] as const;

/** Values of ONEDNN_MAX_CPU_ISA that keep oneDNN from instruction sets which multiply bfloat16 numbers. */
const WITHOUT_BFLOAT16 = /^(SSE41|AVX|AVX2|AVX2_VNNI|AVX512_CORE|AVX512_CORE_VNNI)$/i;

/**
 * Returns the processor's instruction sets that compute in bfloat16, by Linux's names; empty for none, and
 * where `ONEDNN_MAX_CPU_ISA` keeps oneDNN from using them.
 */
export function bfloat16Instructions(
  environment: NodeJS.ProcessEnv = process.env,
  present: ReadonlySet<string> = processorFlags(),
): readonly string[] {
  if (WITHOUT_BFLOAT16.test(environment['ONEDNN_MAX_CPU_ISA'] ?? '')) return [];
  return BFLOAT16_FLAGS.filter((flag) => present.has(flag));
}

/** GPUs of this compute capability and newer multiply bfloat16 numbers (Ampere, 2020). */
const BFLOAT16_CAPABILITY = '8.0';

/**
 * Returns whether the hardware that computes (the GPU in use, else the processor) has bfloat16
 * arithmetic. A GPU of unknown compute capability is taken to have it.
 *
 * @param instructions the processor's, as {@link bfloat16Instructions} returns them
 * @param gpu the GPU in use
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

/**
 * Checks that the hardware that computes has bfloat16 arithmetic, as {@link computesBfloat16}.
 *
 * @throws EnvironmentError when it would have to emulate it
 */
export function checkBfloat16(
  instructions: readonly string[] = bfloat16Instructions(),
  gpu: Pick<GpuFacts, 'cards'> | undefined = gpuInUse(),
): void {
  if (computesBfloat16(instructions, gpu)) return;
  const old = gpu === undefined ? undefined : cardWithoutBfloat16(gpu);
  if (old !== undefined) {
    throw new EnvironmentError(
      `compile: bfloat16 needs a GPU of compute capability ${BFLOAT16_CAPABILITY} or newer, but ${old.name} has ${old.computeCapability ?? ''}. Use float32, or set emulateBfloat16.`,
    );
  }
  throw new EnvironmentError(
    `compile: bfloat16 needs a processor with one of ${BFLOAT16_FLAGS.join(', ')}, but this one has none and would be slower than in float32. Use float32, or set emulateBfloat16.`,
  );
}
