/** A head on a frozen VGG-16: the same work as `keras_peer.py frozen-head`. */
import * as tf from '@tensorflow/tfjs';
import { streamOf } from '@janus/core';
import type { Precision } from '@janus/engine';
import {
  buildBackbone,
  buildHead,
  computeFeatures,
  createClassifierTraining,
  type LabelledInputs,
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
    const { data } = await computeFeatures(backbone, drawn, {
      preprocessing: 'caffe',
      precision,
    });
    const each = shape.reduce((a, b) => a * b, 1);
    const inputs = (some: number): LabelledInputs => ({
      count: some,
      labels,
      batch: (items) => {
        const values = new Float32Array(items.length * each);
        for (let i = 0; i < items.length; i++) {
          const at = items[i] ?? 0;
          values.set(data.subarray(at * each, (at + 1) * each), i * each);
        }
        return tf.tensor(values, [items.length, ...shape]);
      },
    });
    const fit = createClassifierTraining({
      model: head,
      train: inputs(count),
      // The peer validates on nothing, ours on as little as it can.
      validation: inputs(1),
      classes: 2,
      epochs: rounds,
      batchSize: batch,
      learningRate: LEARNING_RATE,
      seed: 1,
      precision,
      phase: 'head',
    });
    let updates = 0;
    for await (const { step } of fit.steps()) updates = step;
    fit.dispose();
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
