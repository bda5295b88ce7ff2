/** Bending an image: each pixel is fetched from a place nearby, which a coarse field of displacements says. */
import * as tf from '@tensorflow/tfjs';

/** Options of {@link Bend}, as saved in `model.json`. */
export interface BendConfig {
  /** Name of the layer; default: tfjs numbers it. */
  readonly name?: string;
  /** Largest displacement, as a share of half of each side of the image. */
  readonly reach: number;
}

/**
 * A layer that bends an image: [image float32 [B, H, W, C], field float32 [B, h, w, 2] in [-1, 1]: how far to the right
 * and down of a pixel its value comes from, in units of the reach] -> float32 [B, H, W, C]. The field is enlarged
 * bicubically, the image sampled bilinearly; beyond the border stand the pixels of the border. A field of 0 returns
 * the image, bit for bit.
 *
 * Source: the sampling is that of Jaderberg et al. 2015, arXiv 1506.02025, section 3.3.
 */
export class Bend extends tf.layers.Layer {
  static readonly className: string = 'Bend';
  /** Largest displacement, as a share of half of each side. */
  readonly reach: number;

  constructor(config: BendConfig) {
    super(config);
    this.reach = config.reach;
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    return (inputShape as tf.Shape[])[0] ?? [];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const [image, field] = inputs as [tf.Tensor4D, tf.Tensor4D];
    return bendImages(image, field, this.reach);
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), reach: this.reach };
  }
}

/** Bends images; see {@link Bend}. The caller disposes the result. */
export function bendImages(image: tf.Tensor4D, field: tf.Tensor4D, reach: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [batch, height, width, channels] = image.shape;
    const [right, down] = tf.split(enlarged(field, height, width), 2, 3) as [
      tf.Tensor4D,
      tf.Tensor4D,
    ];
    const columns = tf.reshape(numbersBelow(width), [1, 1, width, 1]);
    const rows = tf.reshape(numbersBelow(height), [1, height, 1, 1]);
    const x = placesOf(columns, tf.mul(right, (reach * width) / 2), width);
    const y = placesOf(rows, tf.mul(down, (reach * height) / 2), height);
    const images = tf.reshape(tf.cast(numbersBelow(batch), 'int32'), [batch, 1, 1, 1]);
    const pixels = tf.reshape(image, [batch * height * width, channels]);
    const at = (row: tf.Tensor, column: tf.Tensor): tf.Tensor => {
      const index = tf.add(tf.mul(tf.add(tf.mul(images, height), row), width), column);
      const found = tf.gather(pixels, tf.reshape(tf.cast(index, 'int32'), [-1]));
      return tf.reshape(found, [batch, height, width, channels]);
    };
    const between = (a: tf.Tensor, b: tf.Tensor, share: tf.Tensor): tf.Tensor =>
      tf.add(a, tf.mul(tf.sub(b, a), share));
    const above = between(at(y.low, x.low), at(y.low, x.high), x.share);
    const below = between(at(y.high, x.low), at(y.high, x.high), x.share);
    return between(above, below, y.share) as tf.Tensor4D;
  });
}

/** The two pixels between which a value lies, int32, and how far it is from the first. */
interface Places {
  readonly low: tf.Tensor;
  readonly high: tf.Tensor;
  /** 0 to 1. */
  readonly share: tf.Tensor;
}

function placesOf(own: tf.Tensor, moved: tf.Tensor, size: number): Places {
  const place = tf.clipByValue(tf.add(own, moved), 0, size - 1);
  const low = pixelBelow(place);
  return {
    low,
    high: tf.minimum(tf.add(low, tf.scalar(1, 'int32')), tf.scalar(size - 1, 'int32')),
    share: tf.sub(place, tf.cast(low, 'float32')),
  };
}

/** Rounds down to int32, as a constant to gradients: tfjs refuses to derive by the indices of a gather. */
function pixelBelow(place: tf.Tensor): tf.Tensor {
  let low: tf.Tensor | undefined;
  // What a custom operation computes inside is not recorded for gradients.
  tf.customGrad((x) => {
    const value = tf.cast(tf.floor(x as tf.Tensor), 'int32');
    low = tf.keep(value);
    return { value: tf.clone(value), gradFunc: () => tf.zerosLike(place) };
  })(place);
  if (low === undefined) throw new Error('a custom operation did not run');
  // A copy belongs to the caller's tidy, the kept one to nobody.
  const copy = tf.clone(low);
  low.dispose();
  return copy;
}

/** Enlarges fields bicubically: float32 [B, h, w, 2] -> float32 [B, height, width, 2]. */
function enlarged(field: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [batch, h, w] = field.shape;
  // One side after the other, each as one matrix product: the side in front, all others behind.
  const tall = tf.matMul(
    enlargement(h, height),
    tf.reshape(tf.transpose(field, [1, 0, 2, 3]), [h, batch * w * 2]),
  );
  const across = tf.transpose(tf.reshape(tall, [height, batch, w, 2]), [2, 1, 0, 3]);
  const wide = tf.matMul(enlargement(w, width), tf.reshape(across, [w, batch * height * 2]));
  return tf.transpose(tf.reshape(wide, [width, batch, height, 2]), [1, 2, 0, 3]);
}

/** Returns the weights of each of `from` numbers in each of `to`, by cubic convolution (Keys 1981, a = -0.5). */
function enlargement(from: number, to: number): tf.Tensor2D {
  const place = tf.sub(tf.mul(tf.add(numbersBelow(to), 0.5), from / to), 0.5);
  const first = tf.floor(place);
  const share = tf.sub(place, first); // 0 to 1
  const columns = tf.reshape(numbersBelow(from), [1, from]);
  const taps = [-1, 0, 1, 2].map((tap) => {
    const column = tf.reshape(tf.clipByValue(tf.add(first, tap), 0, from - 1), [to, 1]);
    const weight = cubicWeight(tf.abs(tf.sub(share, tap)), tap === 0 || tap === 1);
    return tf.mul(tf.cast(tf.equal(columns, column), 'float32'), tf.reshape(weight, [to, 1]));
  });
  return tf.addN(taps) as tf.Tensor2D;
}

/** Keys' kernel at distances from 0 to 1 (`near`), or from 1 to 2. */
function cubicWeight(distance: tf.Tensor, near: boolean): tf.Tensor {
  const a = -0.5;
  const [cube, square] = [tf.pow(distance, 3), tf.square(distance)];
  if (near) return tf.add(tf.sub(tf.mul(cube, a + 2), tf.mul(square, a + 3)), 1);
  const rest = tf.sub(tf.add(cube, tf.mul(distance, 8)), tf.add(tf.mul(square, 5), 4));
  return tf.mul(rest, a);
}

/** Returns 0 to count - 1, float32, made by operations: a compiled step takes no long list from outside. */
const numbersBelow = (count: number): tf.Tensor1D =>
  tf.sub<tf.Tensor1D>(tf.cumsum(tf.fill([count], 1)), 1);
