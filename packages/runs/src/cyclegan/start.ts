/** The networks of another run that a CycleGAN starts from. */
import { join } from 'node:path';
import { DataError } from '@janus/core';
import {
  cycleGanArchitecture,
  latestCheckpoint,
  loadCheckpoint,
  networkArrays,
} from '@janus/models';
import { checkSameForm, hashOfArrays, type StartWeights } from '../start-from.js';
import { readCycleGanRun, type ResolvedCycleGanOptions } from './options.js';

/**
 * Returns the networks in a run's last checkpoint, moving averages included where it keeps them.
 *
 * @throws DataError when the folder holds no CycleGAN run, or one without a checkpoint; OptionsError when its networks
 * are of another form; CheckpointError when the checkpoint is damaged
 */
export async function readCycleGanStart(
  options: ResolvedCycleGanOptions & { readonly from: string },
): Promise<StartWeights> {
  const { from } = options;
  const { options: source } = await readCycleGanRun(from);
  checkSameForm({
    run: from,
    flags: {
      channels: '--channels',
      paired: '--pairs',
      generator: '--generator',
      norm: '--norm',
      discriminator: '--discriminator',
      discriminatorScales: '--discriminator-scales',
      generatorFilters: '--filters',
      generatorBlocks: '--blocks',
      skip: '--skip',
      bend: '--bend',
      upsampling: '--upsampling',
      globalView: '--global-view',
      discriminatorFilters: '--discriminator-filters',
      discriminatorLayers: '--discriminator-layers',
    },
    source,
    asked: options,
  });
  const path = await latestCheckpoint(join(from, 'checkpoints'));
  if (path === undefined) {
    throw new DataError(
      `${from}: must have a checkpoint to start from, but has none yet. Train it further with --resume.`,
      { path: from },
    );
  }
  const checkpoint = await loadCheckpoint(path, { architecture: cycleGanArchitecture(source) });
  const arrays = networkArrays(checkpoint);
  return { arrays, source: { run: from, step: checkpoint.step, sha256: hashOfArrays(arrays) } };
}
