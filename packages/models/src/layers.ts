/** The layers that tfjs lacks. None has weights. */
import * as tf from '@tensorflow/tfjs';
import { dropoutMask, INSTANCE_NORM_EPSILON, instanceNorm, reflectPad } from '@janus/engine';

/**
 * Makes tfjs know the layers that it lacks; call it before `tf.loadLayersModel` of a saved
 * generator. Calling it again does nothing.
 */
export function registerLayers(): void {
  tf.serialization.registerClass(InstanceNormalization);
  tf.serialization.registerClass(ReflectionPadding2D);
  tf.serialization.registerClass(ClippedSum);
}

/** Options of {@link InstanceNormalization}, as they are saved in `model.json`. */
export interface InstanceNormalizationConfig {
  readonly name?: string;
  /** Inside the root; default 1e-5, as in the CycleGAN reference. */
  readonly epsilon?: number;
  /** Slope below 0 of an activation behind it: default 1, none; 0 is a ReLU. */
  readonly slope?: number;
}

/**
 * A layer that gives each image and channel mean 0 and variance 1, and then the activation; it has
 * no weights.
 *
 * Source: Ulyanov et al. 2016, arXiv 1607.08022; without scale and offset as in the CycleGAN
 * reference (`affine=False`).
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

/** Options of {@link ReflectionPadding2D}, as they are saved in `model.json`. */
export interface ReflectionPadding2DConfig {
  readonly name?: string;
  /** Pixels on each of the four sides. */
  readonly padding: number;
}

const plus = (size: number | null | undefined, padding: number): number | null =>
  size === null || size === undefined ? null : size + 2 * padding;

/** A layer that mirrors the border outwards, the edge itself not repeated; it has no weights. */
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
 * A layer of two inputs, an image and a change in [-1, 1]: returns the image plus twice the
 * change, cut to [-1, 1], so that any pixel can become any other. It has no weights.
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

/**
 * Dropout whose mask is a function of a seed that the train step sets before each update. (tfjs's own
 * layer repeats one mask for ever when it is given a seed, and none repeats when it is not.) It is
 * saved under Keras' name, so that an exported model loads anywhere.
 */
export class SeededDropout extends tf.layers.Layer {
  static readonly className = 'Dropout';
  readonly rate: number;
  /** int32 [2], of the next mask; whoever sets it disposes it. */
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
      if (this.maskSeed === undefined) throw new Error(`${this.name}: no seed of a mask was set`);
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
 * Returns what `work` does while every dropout layer of a model has a seed of its own for its mask.
 *
 * @param seed int32 scalar, another one each step
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
