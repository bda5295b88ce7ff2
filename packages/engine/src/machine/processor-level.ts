import { existsSync, readFileSync } from 'node:fs';

/** How wide vectors code compiled on this machine may be; `any`: what every processor has. */
export type ProcessorLevel = 'avx512' | 'avx2' | 'any';

/** What a level needs of a processor, as Linux names it; the best first. */
const NEEDED: readonly (readonly [ProcessorLevel, readonly string[]])[] = [
  ['avx512', ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx2', 'fma']],
  ['avx2', ['avx2', 'fma']],
];

/** Returns the instruction sets of this processor as Linux names them; none elsewhere. */
export function processorFlags(): ReadonlySet<string> {
  const path = '/proc/cpuinfo';
  if (!existsSync(path)) return new Set();
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync(path, 'utf8'))?.[1] ?? '';
  return new Set(flags.trim().split(/\s+/));
}

/** Returns the widest level that a processor has. */
export function processorLevel(flags: ReadonlySet<string> = processorFlags()): ProcessorLevel {
  return NEEDED.find(([, needed]) => needed.every((each) => flags.has(each)))?.[0] ?? 'any';
}

/** Returns the compiler's options for a level: by instruction set, as older compilers know no level. */
export function compilerOptions(level: ProcessorLevel): readonly string[] {
  const needed = NEEDED.find(([each]) => each === level)?.[1] ?? [];
  const width = level === 'avx512' ? ['-mprefer-vector-width=512'] : [];
  return [...needed.map((each) => `-m${each}`), ...width];
}
