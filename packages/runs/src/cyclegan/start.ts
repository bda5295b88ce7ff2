/** The networks of another run that a CycleGAN starts from. */
import { join } from 'node:path';
import { DataError, OptionsError, sidesText } from '@janus/core';
import {
  cycleGanArchitecture,
  imageSides,
  latestCheckpoint,
  loadCheckpoint,
  networkArrays,
  wholeKernel,
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
      localView: '--local-view',
      discriminatorFilters: '--discriminator-filters',
      discriminatorLayers: '--discriminator-layers',
    },
    source,
    asked: options,
  });
  checkWholeView(options, source);
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

/** Refuses images on which the view of the whole ends in another kernel: its weights, alone of all, depend on their size. */
function checkWholeView(
  asked: ResolvedCycleGanOptions & { readonly from: string },
  source: ResolvedCycleGanOptions,
): void {
  if (!asked.globalView) return;
  const [own, other] = [imageSides(asked), imageSides(source)];
  const [kernel, had] = [own, other].map(({ width, height }) => wholeKernel(height, width));
  if (kernel?.join() === had?.join()) return;
  throw new OptionsError(
    `--from: the view of the whole image (--global-view) must end in the kernel of ${asked.from}, whose images have ${sidesText(other.width, other.height)} px, but got ${sidesText(own.width, own.height)} px, which end in another. Give --size as that run has it, or start without --from.`,
  );
}
