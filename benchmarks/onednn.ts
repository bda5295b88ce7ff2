/**
 * What oneDNN gains in float32 on processors of fewer instruction sets than this one, which oneDNN must
 * leave alone (`ONEDNN_MAX_CPU_ISA`): why `engineEnvironment` switches it on from AVX2 upwards.
 *
 *     node --import tsx --conditions=@janus/source benchmarks/onednn.ts [--rounds 5] [--isa AVX2,AVX]
 *
 * Off and on alternate, one process a measurement; prints the medians and the median ratio of
 * consecutive pairs, above 1 where oneDNN is faster.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { medianOf } from '@janus/core';
import { engineEnvironment } from '@janus/engine';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    isa: { type: 'string', default: 'AVX2,AVX' },
  },
});

const WORKS: Readonly<Record<string, readonly string[]>> = {
  'cyclegan-64': ['cyclegan', '--size', '64', '--ngf', '16', '--blocks', '3', '--batch', '8'],
  'vgg-predict': ['vgg-predict'],
};
const OURS = fileURLToPath(new URL('ours.ts', import.meta.url));

async function measured(work: readonly string[], isa: string, onednn: string): Promise<number> {
  const args = ['--conditions=@janus/source', '--import', 'tsx', OURS, ...work];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...args, '--precision', 'float32', '--engine', 'tensorflow'],
    {
      env: {
        ...process.env,
        ...engineEnvironment(),
        ONEDNN_MAX_CPU_ISA: isa,
        TF_ENABLE_ONEDNN_OPTS: onednn,
      },
    },
  );
  const { value, unit } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as {
    value: number;
    unit: 'img/s' | 's/step';
  };
  return unit === 's/step' ? value : 1 / value; // seconds in both
}

for (const isa of flags.isa.split(',')) {
  for (const [name, work] of Object.entries(WORKS)) {
    const off: number[] = [];
    const on: number[] = [];
    for (let round = 0; round < Number(flags.rounds); round++) {
      off.push(await measured(work, isa, '0'));
      on.push(await measured(work, isa, '1'));
    }
    const ratios = off.map((seconds, i) => seconds / (on[i] ?? NaN));
    process.stdout.write(
      `${isa} ${name}: ${medianOf(off).toFixed(3)} s off, ${medianOf(on).toFixed(3)} s on, ratio ${medianOf(ratios).toFixed(2)} [${Math.min(...ratios).toFixed(2)}, ${Math.max(...ratios).toFixed(2)}]\n`,
    );
  }
}
