/** A head on a frozen VGG-16: the same work as `keras_peer.py frozen-head`. */
import { streamOf, type BatchSource, type FeatureBatch } from '@janus/core';
import type { Precision } from '@janus/engine';
import {
  buildBackbone,
  buildHead,
  classifierSteps,
  computeFeatures,
  createClassifierTraining,
  featureBatches,
  type SquareImages,
} from '@janus/models';
import type { Measured } from './measure.js';

/** What is trained on. */
export interface FrozenHeadOptions {
  readonly images: number;
  /** Side in pixels. */
  readonly size: number;
  readonly epochs: number;
  readonly batch: number;
  readonly precision: Precision;
}

/** The peer's, in `keras_peer.py`. */
const LEARNING_RATE = 1e-5;

/**
 * Returns all epochs of a head, the pass through the frozen base included, in images that its
 * epochs saw a second. Random images of two classes; the head is the paper's 1x1024.
 */
export async function frozenHead(options: FrozenHeadOptions): Promise<Measured> {
  const { images, size, epochs, batch, precision } = options;
  const stream = streamOf(1, 'bench');
  const pixels = Uint8Array.from({ length: images * size * size * 3 }, () => stream.integer(256));
  const labels = Array.from({ length: images }, () => stream.integer(2));
  const backbone = buildBackbone('vgg16', { imageSize: size });
  const shape = backbone.outputs[0]?.shape.slice(1).map(Number) ?? [];
  const head = buildHead({
    inputShape: shape,
    classes: 2,
    units: [1024],
    dropout: 0.5,
    pooling: 'flatten',
    seed: 1,
  });
  const work = async (count: number, rounds: number): Promise<number> => {
    const drawn: SquareImages = { pixels, count, size };
    const features = await computeFeatures(backbone, drawn, {
      preprocessing: 'caffe',
      precision,
    });
    const ids = labels.map((_, i) => String(i));
    const sourceOf = (some: number): BatchSource<FeatureBatch> =>
      featureBatches({
        features: { ...features, count: some },
        ...{ labels, ids, batchSize: batch, seed: 1 },
      });
    const training = createClassifierTraining({
      model: head,
      classes: 2,
      epochs: rounds,
      learningRate: LEARNING_RATE,
      seed: 1,
      precision,
      phase: 'head',
    });
    // The peer validates on nothing, ours on as little as it can.
    const sources = { train: sourceOf(count), validation: sourceOf(1) };
    let updates = 0;
    for await (const { step } of classifierSteps(training, sources)) updates = step;
    training.dispose();
    return updates;
  };
  // One batch first, as the peer does.
  await work(Math.min(batch, images), 1);
  const began = performance.now();
  const updates = await work(images, epochs);
  const seconds = (performance.now() - began) / 1000;
  return {
    value: (images * epochs) / seconds,
    unit: 'img/s',
    config: { precision, layout: 'NHWC', features: 'computed once', updates },
  };
}
