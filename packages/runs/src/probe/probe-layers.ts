import { OptionsError, SILENT } from '@janus/core';
import { assignSplits, classesOf, keptRows, labelledItems, openDataset } from '@janus/data';
import { choosePrecision, type Precision, type PrecisionChoice } from '@janus/engine';
import { decodeRecipe } from '@janus/images';
import {
  buildBackbone,
  buildProbeNetwork,
  pretrainedWeights,
  setWeights,
  type BackboneName,
  type Pooling,
} from '@janus/models';
import { cachedFeatures, featureFile } from '../classifier/feature-cache.js';
import { startEngine, type ReadContext } from '../context.js';
import { featuresOfSet, openItems } from '../item-images.js';
import {
  PROBE_NORMALISATIONS,
  probePart,
  type ProbeInput,
  type ProbeNormalisation,
  type ProbeRow,
} from './probe-rows.js';

/** Options of {@link probeLayers}. */
export interface ProbeLayersOptions {
  /** Label column to predict. */
  readonly target: string;
  /** Pretrained; default `vgg16`. */
  readonly backbone?: Exclude<BackboneName, 'small-vgg'>;
  /** Its weights, a Keras .h5 or a .safetensors file; default: from the cache, or fetched. */
  readonly weights?: string;
  /** Side of the images in pixels; default 224, what the backbones were trained on. */
  readonly size?: number;
  /** Blocks after which features are taken; default all. */
  readonly cuts?: readonly string[];
  /** Default those that keep a mean and a maximum, without and with the grid. */
  readonly poolings?: readonly Pooling[];
  /** Default both. */
  readonly normalisations?: readonly ProbeNormalisation[];
  /** Folds, 3 to 1000; images of one identity, and near duplicates, share one. Default 5. */
  readonly folds?: number;
  /** Seed of the folds; default 1. */
  readonly seed?: number;
  /** What features are computed in; default `auto`. */
  readonly precision?: PrecisionChoice;
}

/** What {@link probeLayers} found. */
export interface ProbeResult {
  readonly target: string;
  readonly classes: readonly string[];
  readonly backbone: BackboneName;
  /** Side of the images in pixels. */
  readonly size: number;
  /** Images that were probed. */
  readonly n: number;
  readonly folds: number;
  readonly precision: Precision;
  /** Accuracy of always naming the commonest class. */
  readonly commonest: number;
  /** The lowest loss first. */
  readonly rows: readonly ProbeRow[];
}

/**
 * Fits a linear classifier on the features of each block of a pretrained backbone, pooled and scaled in
 * several ways, by grouped k-fold: which cut is worth a head, and what any head has to beat. The test split
 * stays aside where there is one. One pass over the images serves all rows, and is kept in the data folder.
 *
 * @throws OptionsError when the data set has no such label column, or no cut or pooling of a name
 */
export async function probeLayers(
  data: string,
  options: ProbeLayersOptions,
  context: ReadContext = {},
): Promise<ProbeResult> {
  const { target, backbone: name = 'vgg16', size = 224, folds = 5, seed = 1 } = options;
  const { poolings = ['average+max', 'average+max+grid'] } = options;
  const { normalisations = PROBE_NORMALISATIONS } = options;
  const { reporter = SILENT } = context;
  const dataset = await openDataset(data);
  const classes = classesOf(dataset, target);
  const items = labelledItems(dataset, target).filter(
    ({ id }) => dataset.rows.find((row) => row.id === id)?.split !== 'test',
  );
  await startEngine(context);
  const { precision } = await choosePrecision(options.precision ?? 'auto');
  const backbone = buildBackbone(name, { imageSize: size });
  try {
    const pretrained = await pretrainedWeights(name, {
      ...(options.weights === undefined ? {} : { file: options.weights }),
      line: reporter.log,
      report: reporter.progress,
    });
    setWeights(backbone, pretrained.weights, pretrained.source);
    const { network, parts, columns } = buildProbeNetwork(backbone);
    const chosen = parts.filter(
      ({ cut, pooling }) =>
        (options.cuts === undefined || options.cuts.includes(cut)) && poolings.includes(pooling),
    );
    if (chosen.length === 0) {
      throw new OptionsError(
        `probe: cuts must be among ${[...new Set(parts.map(({ cut }) => cut))].join(', ')}, but got ${(options.cuts ?? []).join(', ')} with ${poolings.join(', ')}. Name one of these.`,
      );
    }
    const { preprocessing, hash } = pretrained;
    const file = featureFile(dataset.folder, {
      ...{ data: dataset.hash, target, part: 'probe', weights: hash, cut: 'all', size, precision },
      ...{ preprocessing, decoders: decodeRecipe(size).decoders },
    });
    const features = await cachedFeatures(file, async () =>
      featuresOfSet(network, await openItems(items, { size, folder: dataset.folder, reporter }), {
        ...{ preprocessing, precision, report: reporter.progress, label: 'features of all blocks' },
      }),
    );
    const rows = new Map(keptRows(dataset).map((row) => [row.id, row]));
    const assigned = assignSplits(
      items.flatMap(({ id }) => rows.get(id) ?? []),
      { folds, seed, stratify: [target] },
    );
    const input: ProbeInput = {
      ...{ data: features.data, columns, classes: classes.length },
      labels: items.map(({ label }) => label),
      clusters: items.map(({ cluster }) => cluster),
      folds: items.map(({ id }) => assigned.get(id)?.fold ?? 0),
    };
    const choices = chosen.flatMap((part) =>
      normalisations.map((normalisation) => ({ part, normalisation })),
    );
    const found: ProbeRow[] = [];
    for (const choice of choices) {
      found.push(probePart(input, choice));
      const done = found.length;
      reporter.progress({ done, total: choices.length, unit: 'probes', label: 'probing' });
    }
    const counts = classes.map((_, c) => items.filter(({ label }) => label === c).length);
    return {
      ...{ target, classes, backbone: name, size, n: items.length, folds, precision },
      commonest: Math.max(...counts) / items.length,
      rows: found.sort((a, b) => a.loss - b.loss),
    };
  } finally {
    backbone.dispose();
  }
}
