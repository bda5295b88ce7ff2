/** The layers that tfjs lacks. None of them has weights. */
import * as tf from '@tensorflow/tfjs';
import { Bend } from './bend.js';
import { ChannelScale, LabelMaps, LabelScale } from './label-layers.js';
import { Standardise } from './standardise.js';
import { dropoutMask, INSTANCE_NORM_EPSILON, instanceNorm, reflectPad } from '@janus/engine';

/**
 * Registers our layers, a generator's and a classifier's, with tfjs. Call it before `tf.loadLayersModel` loads a saved one;
 * further calls do nothing.
 */
export function registerLayers(): void {
  tf.serialization.registerClass(InstanceNormalization);
  tf.serialization.registerClass(ReflectionPadding2D);
  tf.serialization.registerClass(ClippedSum);
  tf.serialization.registerClass(SignedRoot);
  tf.serialization.registerClass(Bend);
  tf.serialization.registerClass(ChannelScale);
  tf.serialization.registerClass(LabelMaps);
  tf.serialization.registerClass(LabelScale);
  tf.serialization.registerClass(Standardise);
}

/** Options of {@link InstanceNormalization}, as saved in `model.json`. */
export interface InstanceNormalizationConfig {
  /** Name of the layer; default: tfjs numbers it. */
  readonly name?: string;
  /** Added to the variance under the square root; default 1e-5, as in the CycleGAN reference. */
  readonly epsilon?: number;
  /** Factor of values below 0 after the normalisation; default 1, no activation; 0 is a ReLU. */
  readonly slope?: number;
}

/**
 * A layer that normalises each channel of each image to mean 0 and variance 1 and applies a leaky ReLU:
 * float32 [B, H, W, C] -> float32 [B, H, W, C].
 *
 * Source: Ulyanov et al. 2016, arXiv 1607.08022; without scale and offset, as in the CycleGAN reference
 * (`affine=False`).
 */
export class InstanceNormalization extends tf.layers.Layer {
  static readonly className: string = 'InstanceNormalization';
  private readonly epsilon: number;
  private readonly slope: number;

  constructor(config: InstanceNormalizationConfig = {}) {
    super(config);
    this.epsilon = config.epsilon ?? INSTANCE_NORM_EPSILON;
    this.slope = config.slope ?? 1;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return instanceNorm(x as tf.Tensor4D, { epsilon: this.epsilon, slope: this.slope });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), epsilon: this.epsilon, slope: this.slope };
  }
}

/** Options of {@link ReflectionPadding2D}, as saved in `model.json`. */
export interface ReflectionPadding2DConfig {
  /** Name of the layer; default: tfjs numbers it. */
  readonly name?: string;
  /** Pixels added on each of the four sides. */
  readonly padding: number;
}

const plus = (size: number | null | undefined, padding: number): number | null =>
  size === null || size === undefined ? null : size + 2 * padding;

/**
 * A layer that pads by mirroring, without repeating the edge pixels, as PyTorch's `ReflectionPad2d`:
 * float32 [B, H, W, C] -> float32 [B, H + 2 padding, W + 2 padding, C].
 */
export class ReflectionPadding2D extends tf.layers.Layer {
  static readonly className: string = 'ReflectionPadding2D';
  private readonly padding: number;

  constructor(config: ReflectionPadding2DConfig) {
    super(config);
    this.padding = config.padding;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [batch, height, width, channels] = inputShape as tf.Shape;
    return [batch ?? null, plus(height, this.padding), plus(width, this.padding), channels ?? null];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return reflectPad(x as tf.Tensor4D, this.padding);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), padding: this.padding };
  }
}

/**
 * A layer that adds a change to an image: [image, change], both float32 [B, H, W, C] in [-1, 1], ->
 * image + 2 change, clipped to [-1, 1]. Twice the change reaches every pixel value from every other.
 */
export class ClippedSum extends tf.layers.Layer {
  static readonly className: string = 'ClippedSum';

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return (inputShape as tf.Shape[])[0] ?? [];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [image, change] = inputs as [tf.Tensor, tf.Tensor];
    return tf.tidy(() => tf.clipByValue(tf.add(image, tf.mul(change, 2)), -1, 1));
  }
}

/** Added under the root, whose gradient would be infinite at 0, and to the mean of a row of zeros. */
const SMALL = 1e-6;

/**
 * A layer that takes the root of each number over the mean of the row's absolute numbers, its sign kept:
 * float32 [B, D] -> float32 [B, D]. The mean of a row's squares is 1 then.
 */
export class SignedRoot extends tf.layers.Layer {
  static readonly className: string = 'SignedRoot';

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return inputShape as tf.Shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    if (x === undefined) throw new Error('a layer was called without an input');
    return tf.tidy(() => {
      const size = tf.abs(x);
      const relative = tf.div(size, tf.add(tf.mean(size, -1, true), SMALL));
      return tf.mul(tf.sign(x), tf.sqrt(tf.add(relative, SMALL)));
    });
  }
}

/**
 * Dropout whose mask is a function of a seed that the train step sets before each update: with tfjs's
 * own layer every mask is the same when it has a seed, and no run can be repeated when it has none. It
 * is saved under Keras' name, so that an exported model loads without this class.
 */
export class SeededDropout extends tf.layers.Layer {
  static readonly className = 'Dropout';
  /** Share of the inputs set to 0 in training, in [0, 1). */
  readonly rate: number;
  /** int32 [2], seed of the next mask; the code that sets it disposes it. */
  maskSeed: tf.Tensor | undefined;

  constructor(options: { readonly name: string; readonly rate: number }) {
    super({ name: options.name });
    this.rate = options.rate;
  }

  override call(
    inputs: tf.Tensor | tf.Tensor[],
    kwargs: { readonly training?: boolean },
  ): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      if (x === undefined) throw new Error('a dropout layer was called without an input');
      if (kwargs.training !== true || this.rate === 0) return tf.clone(x);
      if (this.maskSeed === undefined) throw new Error(`${this.name}: maskSeed is not set`);
      const keep = dropoutMask(x.shape, this.rate, this.maskSeed);
      return tf.mul(x, tf.div(keep, 1 - this.rate));
    });
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate };
  }
}

/**
 * Runs `work` with a seed set for the mask of every {@link SeededDropout} of a model, a different one
 * for each layer, and returns its result.
 *
 * @param seed int32 scalar, a different one for each step; the caller disposes it
 */
export function withMaskSeed<T>(model: tf.LayersModel, seed: tf.Tensor, work: () => T): T {
  const layers = model.layers.filter((layer) => layer instanceof SeededDropout);
  layers.forEach((layer, i) => {
    layer.maskSeed = tf.stack([seed, tf.scalar(i, 'int32')]);
  });
  try {
    return work();
  } finally {
    for (const layer of layers) {
      layer.maskSeed?.dispose();
      layer.maskSeed = undefined;
    }
  }
}
