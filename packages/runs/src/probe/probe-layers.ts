import { OptionsError, SILENT, type Reporter } from '@janus/core';
import {
  assignSplits,
  classesOf,
  keptRows,
  labelledItems,
  openDataset,
  type Dataset,
  type LabelledItem,
  type ManifestRow,
} from '@janus/data';
import { choosePrecision, type Precision, type PrecisionChoice } from '@janus/engine';
import { decodeRecipe } from '@janus/images';
import {
  blocksOf,
  buildBackbone,
  buildProbeNetwork,
  cutToWeights,
  pretrainedWeights,
  PROBE_POOLINGS,
  setWeights,
  type BackboneName,
  type Pooling,
  type PretrainedWeights,
  type ProbePart,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { cachedFeatures, featureFile } from '../feature-cache.js';
import { startEngine, type StoppableContext } from '../context.js';
import { featuresOfSet, openItems } from '../item-images.js';
import { probePart, type ProbeInput, type ProbeRow } from './probe-rows.js';
import {
  PROBE_NORMALISATIONS,
  type ProbeChoice,
  type ProbeNormalisation,
} from './scaled-columns.js';

/** Options of {@link probeLayers}. */
export interface ProbeLayersOptions {
  /** Label column to predict. */
  readonly target: string;
  /** Pretrained; default `vgg16`. */
  readonly backbone?: Exclude<BackboneName, 'small-vgg'>;
  /** Its weights: a Keras .h5, a .safetensors or a model.json; default: from the cache, the packages, or fetched. */
  readonly weights?: string;
  /** Side of the images in pixels, at least 32; default 224, what the backbones were trained on. */
  readonly size?: number;
  /** Blocks after which features are taken; default all. */
  readonly cuts?: readonly string[];
  /** Some of {@link PROBE_POOLINGS}; default those with a mean and a maximum, without and with a grid. */
  readonly poolings?: readonly Pooling[];
  /** Default both. */
  readonly normalisations?: readonly ProbeNormalisation[];
  /** Folds, 3 to 1000; images of one identity, and near duplicates, share one. Default 5. */
  readonly folds?: number;
  /** Seed of the folds, a whole number; default 1. */
  readonly seed?: number;
  /** What features are computed in; default `auto`. */
  readonly precision?: PrecisionChoice;
}

/** Defaults of {@link ProbeLayersOptions}. */
export const PROBE_DEFAULTS: Required<Omit<ProbeLayersOptions, 'target' | 'weights' | 'cuts'>> = {
  backbone: 'vgg16',
  size: 224,
  poolings: ['average+max', 'average+max+grid', 'average+max+grid3'],
  normalisations: PROBE_NORMALISATIONS,
  folds: 5,
  seed: 1,
  precision: 'auto',
};

/** What {@link probeLayers} found. */
export interface ProbeResult {
  readonly target: string;
  readonly classes: readonly string[];
  readonly backbone: BackboneName;
  /** Side of the images in pixels. */
  readonly size: number;
  /** The blocks that were probed, in the order of the backbone. */
  readonly cuts: readonly string[];
  /** Images that were probed. */
  readonly n: number;
  /** Images of the test split, which were left aside. */
  readonly aside: number;
  readonly folds: number;
  readonly seed: number;
  readonly precision: Precision;
  /** Accuracy of always naming the commonest class, 0 to 1. */
  readonly commonest: number;
  /** One a choice of cut, pooling and normalisation, the lowest loss first. */
  readonly rows: readonly ProbeRow[];
}

/**
 * Fits a linear classifier on the features of each block of a pretrained backbone, pooled and scaled in
 * several ways, by grouped k-fold: which cut is worth a head, and what any head has to beat. The test split
 * stays aside where there is one. One pass over the images serves all rows, and is kept in the data folder.
 *
 * @throws OptionsError when the data set has no such label column, there is no cut, pooling or normalisation
 * of a name, or an option is out of range; DataError when the column has fewer than two classes; the reason of the
 * context's signal when that is aborted
 */
export async function probeLayers(
  data: string,
  options: ProbeLayersOptions,
  context: StoppableContext = {},
): Promise<ProbeResult> {
  return await probeDataset(await openDataset(data), options, context);
}

/** Does what {@link probeLayers} does, with a data set that is open. */
export async function probeDataset(
  dataset: Dataset,
  options: ProbeLayersOptions,
  context: StoppableContext = {},
): Promise<ProbeResult> {
  const { reporter = SILENT, signal } = context;
  const { input, choices, described } = await openProbe(dataset, options, context);
  const found: ProbeRow[] = [];
  for (const choice of choices) {
    found.push(await probePart(input, choice, signal));
    const done = found.length;
    reporter.progress({ done, total: choices.length, unit: 'probes', label: 'probing' });
  }
  return { ...described, rows: found.sort((a, b) => a.loss - b.loss) };
}

/** Features of a data set's images, and what is to be compared on them. */
export interface OpenedProbe {
  readonly input: ProbeInput;
  /** Manifest ids, in the order of the rows. */
  readonly ids: readonly string[];
  readonly choices: readonly ProbeChoice[];
  readonly described: Omit<ProbeResult, 'rows'>;
}

/**
 * Returns what probes look at; features that are not kept yet are computed.
 *
 * @throws as {@link probeLayers} does
 */
export async function openProbe(
  dataset: Dataset,
  options: ProbeLayersOptions,
  context: StoppableContext = {},
): Promise<OpenedProbe> {
  const {
    target,
    backbone: name,
    size,
    folds,
    seed,
    ...chosen
  } = {
    ...PROBE_DEFAULTS,
    ...options,
  };
  const { reporter = SILENT, signal } = context;
  requireAmong('poolings', chosen.poolings, PROBE_POOLINGS);
  requireAmong('normalisations', chosen.normalisations, PROBE_NORMALISATIONS);
  const { rows, items, aside } = itemsToProbe(dataset, target);
  // Before the features, which take minutes: a number of folds that breaks its rule ends here.
  const assigned = assignSplits(rows, { folds, seed, stratify: [target] });
  await startEngine(context);
  const { precision } = await choosePrecision(chosen.precision);
  const whole = buildBackbone(name, { imageSize: size });
  try {
    const known = blocksOf(whole);
    requireAmong('cuts', options.cuts ?? known, known);
    const fineGrid = chosen.poolings.includes('average+max+grid3');
    const { backbone, pretrained } = await pretrain(whole, name, {
      weights: options.weights,
      reporter,
    });
    const { network, parts, columns } = buildProbeNetwork(backbone, { fineGrid });
    const cuts = [...new Set(parts.map(({ cut }) => cut))];
    requireAmong('cuts', options.cuts ?? cuts, cuts);
    const choices = choicesOf(parts, { ...chosen, cuts: options.cuts ?? cuts });
    const probed = cuts.filter((cut) => choices.some(({ part }) => part.cut === cut));
    const { preprocessing, hash } = pretrained;
    const cut = backbone === whole ? 'all' : (cuts.at(-1) ?? '');
    // By the images, not by the target: those of another label column often are the same.
    const ids = items.map(({ id }) => id);
    const file = featureFile(dataset.folder, {
      ...{ data: dataset.hash, images: ids.join(' '), part: 'probe', weights: hash, cut, size },
      ...{ precision, preprocessing, decoders: decodeRecipe(size).decoders },
      ...(fineGrid ? { grid: 3 } : {}),
    });
    const features = await cachedFeatures(file, async () =>
      featuresOfSet(network, await openItems(items, { size, folder: dataset.folder, reporter }), {
        ...{ preprocessing, precision, report: reporter.progress, label: 'features of all blocks' },
        signal,
      }),
    );
    const classes = classesOf(dataset, target);
    const counts = classes.map((_, c) => items.filter(({ label }) => label === c).length);
    return {
      ids,
      choices,
      input: {
        ...{ data: features.data, columns, classes: classes.length },
        labels: items.map(({ label }) => label),
        clusters: items.map(({ cluster }) => cluster),
        folds: items.map(({ id }) => assigned.get(id)?.fold ?? 0),
      },
      described: {
        ...{ target, classes, backbone: name, size, cuts: probed, n: items.length, aside },
        ...{ folds, seed, precision, commonest: Math.max(...counts) / items.length },
      },
    };
  } finally {
    whole.dispose();
  }
}

/** Sets the pretrained weights of a backbone; it ends where they do. */
async function pretrain(
  whole: tf.LayersModel,
  name: BackboneName,
  {
    weights: file,
    reporter,
  }: { readonly weights: string | undefined; readonly reporter: Reporter },
): Promise<{ readonly backbone: tf.LayersModel; readonly pretrained: PretrainedWeights }> {
  const pretrained = await pretrainedWeights(name, {
    ...(file === undefined ? {} : { file }),
    line: reporter.log,
    report: reporter.progress,
  });
  const { weights, source } = pretrained;
  const backbone = cutToWeights(whole, weights);
  setWeights(backbone, weights, source);
  if (backbone !== whole) {
    reporter.log(
      `${source}: has no weights after ${blocksOf(backbone).at(-1) ?? ''}; probing ${name} up to there.`,
    );
  }
  return { backbone, pretrained };
}

/** Returns the labelled images that are not in the test split, with their rows, and how many are in it. */
function itemsToProbe(
  dataset: Dataset,
  target: string,
): {
  readonly rows: readonly ManifestRow[];
  readonly items: readonly LabelledItem[];
  readonly aside: number;
} {
  const labelled = labelledItems(dataset, target);
  const kept = new Map(keptRows(dataset).map((row) => [row.id, row]));
  // Of a data set that is split, rows of no part are left out on purpose.
  const isSplit = dataset.rows.some(({ split }) => split !== null);
  const items = labelled.filter(({ id }) => {
    const split = kept.get(id)?.split ?? null;
    return split !== 'test' && (split !== null || !isSplit);
  });
  const rows = items.flatMap(({ id }) => kept.get(id) ?? []);
  return { rows, items, aside: labelled.length - items.length };
}

/** Returns the choices that {@link probeLayers} compares; a block of tiny maps has none with the grid. */
function choicesOf(
  parts: readonly ProbePart[],
  chosen: Required<Pick<ProbeLayersOptions, 'cuts' | 'poolings' | 'normalisations'>>,
): readonly ProbeChoice[] {
  const { cuts, poolings, normalisations } = chosen;
  const choices = parts
    .filter(({ cut, pooling }) => cuts.includes(cut) && poolings.includes(pooling))
    .flatMap((part) => normalisations.map((normalisation) => ({ part, normalisation })));
  if (choices.length === 0) {
    const side = poolings.includes('average+max+grid') ? 2 : 3;
    throw new OptionsError(
      `probe: ${poolings.join(', ')} needs feature maps of at least ${side} x ${side}, but those after ${cuts.join(', ')} are smaller. Take larger images, an earlier cut, or average+max.`,
    );
  }
  return choices;
}

/** Throws an OptionsError that lists what there is when a name is not among it, or none is given. */
function requireAmong(what: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((each) => !known.includes(each));
  if (unknown === undefined && given.length > 0) return;
  throw new OptionsError(
    `probe: ${what} must be among ${known.join(', ')}, but got ${unknown ?? 'none'}. Name some of these, or leave them out.`,
  );
}
