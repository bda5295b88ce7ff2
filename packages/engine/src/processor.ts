import { existsSync, readFileSync } from 'node:fs';
import { OptionsError } from '@janus/core';

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

/** @throws OptionsError when the processor would have to emulate bfloat16 */
export function checkBfloat16(instructions: readonly string[] = bfloat16Instructions()): void {
  if (instructions.length > 0) return;
  throw new OptionsError(
    'compile: bfloat16 needs a processor with one of avx512_bf16, amx_bf16, avx_ne_convert, but this one has none and would be slower than with float32. Take float32, or force it.',
  );
}
