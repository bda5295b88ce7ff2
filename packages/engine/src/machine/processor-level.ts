import { createRequire } from 'node:module';

/** The widest vector instructions that compiled code may use; `any`: what every x86-64 processor has. */
export type ProcessorLevel = 'avx512' | 'avx2' | 'any';

/** Instruction sets that a level needs, by Linux's names; the widest level first. */
const NEEDED: readonly (readonly [ProcessorLevel, readonly string[]])[] = [
  ['avx512', ['avx512f', 'avx512bw', 'avx512dq', 'avx512vl', 'avx2', 'fma']],
  ['avx2', ['avx2', 'fma']],
];

const shared = createRequire(import.meta.url)('../../environment.cjs') as {
  processorFlags: () => ReadonlySet<string>;
};

/** Returns this processor's instruction sets by Linux's names; none on other systems. */
export function processorFlags(): ReadonlySet<string> {
  return shared.processorFlags();
}

/** Returns the widest level that a processor with these instruction sets supports. */
export function processorLevel(flags: ReadonlySet<string> = processorFlags()): ProcessorLevel {
  return NEEDED.find(([, needed]) => needed.every((each) => flags.has(each)))?.[0] ?? 'any';
}

/** Returns g++'s options for a level, by instruction set, since older compilers do not know levels. */
export function compilerOptions(level: ProcessorLevel): readonly string[] {
  const needed = NEEDED.find(([each]) => each === level)?.[1] ?? [];
  const width = level === 'avx512' ? ['-mprefer-vector-width=512'] : [];
  return [...needed.map((each) => `-m${each}`), ...width];
}
