/** The layers by which labels reach a network of images. */
import * as tf from '@tensorflow/tfjs';

/** Options of a layer without options, as saved in `model.json`. */
interface NamedConfig {
  /** Name of the layer; default: tfjs numbers it. */
  readonly name?: string;
}

/**
 * A layer that puts labels behind the channels of every pixel: [image float32 [B, H, W, C], labels float32 [B, L]] ->
 * float32 [B, H, W, C + L].
 *
 * Source: Choi et al. 2018, arXiv 1711.09020, section 3.1; Perarnau et al. 2016, arXiv 1611.06355, section 3.2.
 */
export class LabelMaps extends tf.layers.Layer {
  static readonly className: string = 'LabelMaps';

  constructor(config: NamedConfig = {}) {
    super(config);
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [image = [], labels = []] = inputShape as tf.Shape[];
    const [batch = null, height = null, width = null, channels] = image;
    return [batch, height, width, (channels ?? 0) + (labels[1] ?? 0)];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [image, labels] = inputs as [tf.Tensor4D, tf.Tensor2D];
    return tf.tidy(() => {
      const [batch, height, width] = image.shape;
      const [, count] = labels.shape;
      // A product with ones: its gradient towards the image is not asked for, and tiling has none in wasm.
      const maps = tf.mul(
        tf.reshape(labels, [batch, 1, 1, count]),
        tf.ones([batch, height, width, count]),
      );
      return tf.concat([image, maps as tf.Tensor4D], 3);
    });
  }
}

/**
 * A layer that gives each channel a scale and an offset that are learnt: float32 [B, H, W, C] -> the same shape. After
 * `InstanceNormalization` it makes what PyTorch calls `affine=True`.
 */
export class ChannelScale extends tf.layers.Layer {
  static readonly className: string = 'ChannelScale';

  constructor(config: NamedConfig = {}) {
    super(config);
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = (inputShape as tf.Shape).at(-1) ?? 0;
    this.addWeight('gamma', [channels], 'float32', tf.initializers.ones());
    this.addWeight('beta', [channels], 'float32', tf.initializers.zeros());
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x] = [inputs].flat() as [tf.Tensor];
    const [gamma, beta] = this.weights;
    if (gamma === undefined || beta === undefined) throw new Error(`${this.name} is not built`);
    return tf.tidy(() => tf.add(tf.mul(x, gamma.read()), beta.read()));
  }
}

/** Standard deviation of what labels add to a channel's scale and offset at first. */
const LABEL_DEVIATION = 0.1;

/** Options of {@link LabelScale}, as saved in `model.json`. */
export interface LabelScaleConfig {
  readonly name: string;
  /** Seed of the initial weights. */
  readonly seed: number;
}

/**
 * A layer that gives each channel a scale and an offset that depend on labels: [x float32 [B, H, W, C], labels float32
 * [B, L]] -> float32 [B, H, W, C]. Behind `InstanceNormalization`, which takes away whatever is the same in all pixels,
 * this is how labels get through.
 *
 * Source: Dumoulin et al. 2017, arXiv 1610.07629, section 2.2 (conditional instance normalisation), linear in the labels.
 */
export class LabelScale extends tf.layers.Layer {
  static readonly className: string = 'LabelScale';
  private readonly seed: number;

  constructor(config: LabelScaleConfig) {
    super({ name: config.name });
    this.seed = config.seed;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return (inputShape as tf.Shape[])[0] ?? [];
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const [image = [], labels = []] = inputShape as tf.Shape[];
    const [channels, count] = [image.at(-1) ?? 0, labels[1] ?? 0];
    const drawn = (seed: number): tf.serialization.Serializable =>
      tf.initializers.randomNormal({ mean: 0, stddev: LABEL_DEVIATION, seed });
    const weights = {
      gamma: [[channels], tf.initializers.ones()],
      beta: [[channels], tf.initializers.zeros()],
      gamma_of_labels: [[count, channels], drawn(this.seed)],
      beta_of_labels: [[count, channels], drawn(this.seed + 1)],
    } as const;
    for (const [name, [shape, initializer]] of Object.entries(weights)) {
      this.addWeight(
        name,
        [...shape],
        'float32',
        initializer as ReturnType<typeof tf.initializers.ones>,
      );
    }
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [x, labels] = inputs as [tf.Tensor4D, tf.Tensor2D];
    const [gamma, beta, gammaOfLabels, betaOfLabels] = this.weights.map((each) => each.read());
    if (!gamma || !beta || !gammaOfLabels || !betaOfLabels)
      throw new Error(`${this.name} is not built`);
    return tf.tidy(() => {
      const [batch, , , channels] = x.shape;
      const of = (own: tf.Tensor, byLabel: tf.Tensor): tf.Tensor =>
        tf.reshape(tf.add(own, tf.matMul(labels, byLabel as tf.Tensor2D)), [batch, 1, 1, channels]);
      return tf.add(tf.mul(x, of(gamma, gammaOfLabels)), of(beta, betaOfLabels));
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), seed: this.seed };
  }
}
