/**
 * How well linear probes on crops do when crop, cut, scaling and penalty are chosen without the images that are predicted.
 *
 * node --import tsx --conditions=@janus/source experiments/face-probe.ts --target gender --backbone faceres \
 *   [--cuts block11,block12] [--poolings average+max+grid] [--normalisations sqrt-l2] [--size 224] [--seeds 3] <folder> [<folder> ...]
 *
 * Folders hold the same images, each cropped with another margin (`janus data crop --by face --margin 0.2 --without-face keep`).
 */
import { parseArgs } from 'node:util';
import { intervalText } from '@janus/core';
import { probeNested, type ProbeLayersOptions } from '@janus/runs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: 'string', default: 'gender' },
    backbone: { type: 'string', default: 'faceres' },
    cuts: { type: 'string' },
    poolings: { type: 'string', default: 'average+max+grid' },
    normalisations: { type: 'string', default: 'standard,sqrt-l2' },
    size: { type: 'string', default: '224' },
    seeds: { type: 'string', default: '3' },
  },
});
const [first, ...others] = positionals;
if (first === undefined) throw new Error('Name at least one data folder.');

for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const found = await probeNested([first, ...others], {
    target: values.target,
    backbone: values.backbone as NonNullable<ProbeLayersOptions['backbone']>,
    size: Number(values.size),
    poolings: values.poolings.split(',') as NonNullable<ProbeLayersOptions['poolings']>,
    normalisations: values.normalisations.split(',') as NonNullable<
      ProbeLayersOptions['normalisations']
    >,
    ...(values.cuts === undefined ? {} : { cuts: values.cuts.split(',') }),
    seed,
  });
  process.stdout.write(
    `seed ${seed}, n = ${found.n}, ${found.compared} choices a fold: accuracy ${intervalText(found.accuracy)}, balanced ${intervalText(found.balancedAccuracy)}, loss ${found.loss.toFixed(3)}\n`,
  );
  for (const { fold, data, cut, normalisation, penalty, loss } of found.choices) {
    process.stdout.write(
      `  fold ${fold}: ${data}, ${cut}, ${normalisation}, penalty ${penalty} (loss ${loss.toFixed(3)} on the others)\n`,
    );
  }
}
