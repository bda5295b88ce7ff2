/** The cut, pooling and normalisation of a run, chosen by linear probes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OptionsError, SILENT } from '@janus/core';
import type { Dataset } from '@janus/data';
import { buildBackbone, unfrozenBlocks } from '@janus/models';
import type { ExistingRun, StoppableContext } from '../context.js';
import { probeDataset, type ProbeResult } from '../probe/probe-layers.js';
import { PROBE_NORMALISATIONS, type ProbeNormalisation } from '../probe/scaled-columns.js';
import { knownName } from './own-backbone.js';
import { readClassifierRun, type ClassifierRunOptions } from './options.js';

/** A run's options with the probe that chose its cut, where one did. */
export interface ChosenCut {
  readonly options: ClassifierRunOptions;
  readonly probe?: ProbeResult;
}

/** Where a cut is chosen. */
export interface ChoosingCut {
  /** The run's folder. */
  readonly folder: string;
  readonly existing: ExistingRun;
  /** With the run's fold as its parts. */
  readonly dataset: Dataset;
  readonly context: StoppableContext;
}

/**
 * Returns options whose cut is decided: for `auto`, cut, pooling and normalisation of the linear probe of the lowest loss
 * on train and validation together, by folds of their own, not below the first block to be fine-tuned; of a run to resume,
 * those that it began with. The test part has no say.
 *
 * @throws OptionsError when there is no pretrained backbone to probe, or the cut is another run's; the reason of the
 * context's signal when that is aborted
 */
export async function chooseCut(
  options: ClassifierRunOptions,
  { folder, existing, dataset, context }: ChoosingCut,
): Promise<ChosenCut> {
  if (options.cut !== 'auto') return { options };
  if (existing === 'resume' && existsSync(join(folder, 'run.json'))) {
    const { cut, pooling, normalisation } = (await readClassifierRun(folder)).options;
    return { options: { ...options, cut, pooling, normalisation } };
  }
  const { target, size, seed, precision, weights, from } = options;
  const backbone = knownName(options.backbone);
  const { engine = 'auto', reporter = SILENT, signal } = context;
  if (target.includes(',')) {
    throw new OptionsError(
      `--cut: auto probes for one target, but got ${target}. Give --cut, or probe for each.`,
    );
  }
  if (backbone === 'small-vgg' || from !== undefined) {
    throw new OptionsError(
      from === undefined
        ? '--cut: auto probes a pretrained backbone, but all layers of small-vgg train from random values. Take --cut last.'
        : `--cut: auto would choose again, but --from takes the network of ${from}. Give --cut, --pooling and --normalisation as that run has them.`,
    );
  }
  const cuts = cutsOf(options);
  const probe = await probeDataset(
    dataset,
    {
      ...{ target, backbone, size, seed, precision, normalisations: normalisationsOf(options) },
      ...(weights === null ? {} : { weights }),
      ...(cuts === undefined ? {} : { cuts }),
    },
    // The training itself says which engine and weights it has.
    { engine, signal, reporter: { ...reporter, log: SILENT.log } },
  );
  const [row] = probe.rows;
  if (row === undefined) throw new Error('a probe without rows');
  reporter.log(
    `Cut: ${row.cut}, ${row.pooling}, ${row.normalisation}: the lowest loss of ${probe.rows.length} linear probes on the ${probe.n} images of train and validation (${row.loss.toFixed(4)})`,
  );
  const { cut, pooling, normalisation } = row;
  return { options: { ...options, cut, pooling, normalisation }, probe };
}

/** Returns the normalisations to probe: the one that is asked for, else all. */
function normalisationsOf({ normalisation }: ClassifierRunOptions): readonly ProbeNormalisation[] {
  if (normalisation === null) return PROBE_NORMALISATIONS;
  const asked = PROBE_NORMALISATIONS.filter((each) => each === normalisation);
  if (asked.length > 0) return asked;
  throw new OptionsError(
    `--normalisation: with --cut auto it must be ${PROBE_NORMALISATIONS.join(' or ')}, but got ${normalisation}. Leave it out to have it chosen.`,
  );
}

/** Returns the blocks that may be the cut: those that are fine-tuned, where some are; undefined for all. */
function cutsOf({
  backbone: name,
  size,
  unfreeze,
}: ClassifierRunOptions): readonly string[] | undefined {
  if (unfreeze === 'none' || unfreeze === 'all') return undefined;
  const backbone = buildBackbone(knownName(name), { imageSize: size });
  try {
    return unfrozenBlocks(backbone, unfreeze);
  } finally {
    backbone.dispose();
  }
}
