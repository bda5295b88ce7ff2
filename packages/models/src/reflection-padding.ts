import * as tf from '@tensorflow/tfjs';
import { reflectPad } from '@janus/engine';

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
