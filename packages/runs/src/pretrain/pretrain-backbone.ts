/** Weights for a small backbone, made from labelled images: from generated faces, on a machine that reaches no others. */
import { statSync } from 'node:fs';
import {
  encodeSafetensors,
  FIRST_BATCH,
  NumericalError,
  OptionsError,
  SILENT,
  writeFileAtomic,
  type LabelledBatch,
  type Reporter,
} from '@janus/core';
import { imagePathOf, keptRows, openDataset, type ManifestRow } from '@janus/data';
import { choosePrecision, type PrecisionChoice } from '@janus/engine';
import { imageBatches, labelledBatches, type Augmentation } from '@janus/images';
import {
  arraysOf,
  BACKBONE_FACTS,
  buildBackbone,
  buildHead,
  compileAttributeSteps,
  createAdam,
  disposeWeights,
  joinModels,
  variablesOf,
  type AttributeSteps,
} from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import { startEngine, type StoppableContext } from '../context.js';
import { openItems } from '../item-images.js';
import { attributesOf, labelsOf, type Attribute } from './attributes.js';
import { pretrainParts } from './pretrain-parts.js';

/** Options of {@link pretrainBackbone}. */
export interface PretrainOptions {
  /** The weights file to write, .safetensors. */
  readonly out: string;
  /** Label columns, learnt together; default all columns of 2 to 20 texts. */
  readonly attributes?: readonly string[];
  /** Side of the images in pixels, at least 32; default 64. */
  readonly size?: number;
  /** Passes over the images; default 12. */
  readonly epochs?: number;
  /** Images per update; default 64. */
  readonly batchSize?: number;
  /** Adam's step size at the start, from where it falls to 0 in a straight line; default 1e-3, for a network this small. */
  readonly learningRate?: number;
  /**
   * How images are changed, drawn again for each image and epoch; default `crop` and `colour`, and no mirroring, which
   * would swap the sides that pose and lighting name.
   */
  readonly augment?: readonly Augmentation[];
  /** Seed of weights, order and image changes; default 1. */
  readonly seed?: number;
  /** What the network computes in; default `auto`. */
  readonly precision?: PrecisionChoice;
}

/** Defaults of {@link PretrainOptions}. */
export const PRETRAIN_DEFAULTS: Required<Omit<PretrainOptions, 'out' | 'attributes'>> = {
  size: 64,
  epochs: 12,
  batchSize: 64,
  learningRate: 1e-3,
  augment: ['crop', 'colour'],
  seed: 1,
  precision: 'auto',
};

/** What {@link pretrainBackbone} made. */
export interface PretrainResult {
  /** The weights file: half-precision numbers. */
  readonly out: string;
  readonly bytes: number;
  readonly steps: number;
  readonly seconds: number;
  /** Images that were learnt from, and that were kept aside. */
  readonly images: { readonly train: number; readonly validation: number };
  /** Of each attribute: accuracy on the images kept aside, and that of always naming the commonest class, 0 to 1. */
  readonly attributes: Readonly<
    Record<string, { readonly accuracy: number; readonly commonest: number }>
  >;
}

/**
 * Trains `small-vgg-faces` on all attributes of a data set at once, one linear head on its pooled maps for each, and
 * writes its weights in half precision. Where the data is split, its test part is left out, so that a training on the same
 * data can be measured there; a cross-validation on it would test on images that were learnt. The images that are kept
 * aside to measure on are of other people than those that are learnt from. The same options on the same machine make the
 * same weights; nothing is written when it is interrupted.
 *
 * @param data data folder, best with its faces cropped: `data crop --by box`
 * @throws OptionsError when an option is out of range or there is no such column; DataError when no column can be
 * learnt, or all images are of one person; NumericalError when the loss is not finite
 */
export async function pretrainBackbone(
  data: string,
  options: PretrainOptions,
  context: StoppableContext = {},
): Promise<PretrainResult | undefined> {
  const resolved = { ...PRETRAIN_DEFAULTS, ...options };
  const { out, size, seed } = resolved;
  const { reporter = SILENT } = context;
  if (!out.endsWith('.safetensors')) {
    throw new OptionsError(`out: must end in .safetensors, but got ${out}. Name such a file.`);
  }
  const dataset = await openDataset(data);
  const attributes = attributesOf(dataset, options.attributes);
  const kept = keptRows(dataset);
  const rows = kept.filter(({ split }) => split !== 'test');
  const parts = pretrainParts(rows, { seed, place: dataset.folder });
  if (rows.length < kept.length) {
    reporter.log(`The ${kept.length - rows.length} images of the test part are left out.`);
  }
  await startEngine(context);
  const { precision } = await choosePrecision(resolved.precision);
  const backbone = buildBackbone('small-vgg-faces', { imageSize: size, seed });
  const classes = attributes.map((attribute) => attribute.classes.length);
  const head = buildHead({
    inputShape: backbone.outputs[0]?.shape.slice(1).map(Number) ?? [],
    classes: classes.reduce((a, b) => a + b, 0),
    ...{ units: [], dropout: 0, pooling: 'average+max+grid', seed },
  });
  const model = joinModels(backbone, head, 'pretraining');
  const variables = variablesOf(model);
  const adam = createAdam({ learningRate: resolved.learningRate });
  adam.prepare(variables);
  const { preprocessing } = BACKBONE_FACTS['small-vgg-faces'];
  const steps = compileAttributeSteps(
    { model, classes, preprocessing },
    { variables, adam },
    { precision },
  );
  try {
    const work = { ...resolved, folder: dataset.folder, attributes, steps, reporter };
    const began = performance.now();
    const done = await train(parts.train, work, context.signal);
    if (done === undefined) return undefined;
    const found = await measure(parts.validation, work);
    const bytes = await writeWeights(out, backbone);
    return {
      ...{ out, bytes, steps: done, seconds: (performance.now() - began) / 1000 },
      images: { train: parts.train.length, validation: parts.validation.length },
      attributes: found,
    };
  } finally {
    steps.dispose();
    adam.dispose();
    disposeWeights(model);
  }
}

/** What training and measuring share. */
interface Work extends Required<Omit<PretrainOptions, 'out' | 'attributes'>> {
  readonly folder: string;
  readonly attributes: readonly Attribute[];
  readonly steps: AttributeSteps;
  readonly reporter: Reporter;
}

const imagesOf = async (
  rows: readonly ManifestRow[],
  { folder, size, reporter }: Work,
): Promise<Awaited<ReturnType<typeof openItems>>> =>
  await openItems(
    rows.map(({ id, path }) => ({ id, path: imagePathOf(folder, path) })),
    { size, folder, reporter },
  );

/** Makes all updates and returns their number; undefined when it was interrupted. */
async function train(
  rows: readonly ManifestRow[],
  work: Work,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const { attributes, steps, reporter, epochs, batchSize, learningRate, augment, seed } = work;
  const labels = labelsOf(rows, attributes);
  const source = labelledBatches({
    images: await imagesOf(rows, work),
    // The place of an image stands for its labels.
    labels: rows.map((_, i) => i),
    ...{ batchSize, augment, seed, stream: 'pretrain' },
  });
  const total = epochs * source.stepsPerEpoch;
  let step = 0;
  for await (const batch of source.batches(FIRST_BATCH)) {
    if (signal?.aborted === true) return undefined;
    const rate = learningRate * (1 - step / total);
    const loss = await steps.update({ ...batch, labels: gathered(batch, labels) }, rate);
    step += 1;
    if (!Number.isFinite(loss)) {
      throw new NumericalError(
        `pretrain: the loss must be finite, but is ${loss} at step ${step}. Lower the learning rate.`,
        { step, losses: { crossEntropy: loss } },
      );
    }
    const { epoch } = batch.next;
    reporter.progress({ done: step, total, unit: 'updates', label: `loss ${loss.toFixed(2)}` });
    if (batch.next.batch === 0)
      reporter.log(`epoch ${epoch} of ${epochs}: loss ${loss.toFixed(3)}`);
    if (epoch === epochs) break;
  }
  return step;
}

const gathered = (batch: LabelledBatch, labels: readonly Int32Array[]): Int32Array =>
  Int32Array.from([...batch.labels].flatMap((place) => [...(labels[place] ?? [])]));

/** Returns how well the network does on each attribute. */
async function measure(
  rows: readonly ManifestRow[],
  work: Work,
): Promise<PretrainResult['attributes']> {
  const { attributes, steps, batchSize } = work;
  const labels = labelsOf(rows, attributes);
  const named: number[] = [];
  for await (const batch of imageBatches(await imagesOf(rows, work), batchSize)) {
    named.push(...(await steps.predict(batch)));
  }
  return Object.fromEntries(
    attributes.map(({ name, classes }, a) => {
      const known = labels.flatMap((each, i) => ((each[a] ?? -1) < 0 ? [] : [i]));
      const right = known.filter((i) => labels[i]?.[a] === named[i * attributes.length + a]).length;
      const counts = classes.map((_, c) => known.filter((i) => labels[i]?.[a] === c).length);
      return [
        name,
        { accuracy: right / known.length, commonest: Math.max(...counts) / known.length },
      ];
    }),
  );
}

/** Writes the weights of a backbone in half precision; returns the size of the file. */
async function writeWeights(out: string, backbone: tf.LayersModel): Promise<number> {
  const arrays = await arraysOf(variablesOf(backbone));
  await writeFileAtomic(out, encodeSafetensors(arrays, { made: 'janus pretrain' }, 'F16'));
  return statSync(out).size;
}
