import * as tf from '@tensorflow/tfjs';

/**
 * How pixels are changed before a network sees them. This belongs to the weights, not to the
 * architecture: the same VGG-16 was trained with several of these.
 *
 * - `caffe`: BGR, minus the ImageNet means, not scaled: about -124 to 151.
 * - `torchvision`: RGB in [0, 1], minus means, divided by deviations: about -2.1 to 2.6.
 * - `torchvision-features`: RGB, minus means, not scaled: about -123 to 151.
 * - `signed`: RGB in [-1, 1].
 */
export type Preprocessing = 'caffe' | 'torchvision' | 'torchvision-features' | 'signed';

/** The names of all. */
export const PREPROCESSINGS: readonly Preprocessing[] = [
  'caffe',
  'torchvision',
  'torchvision-features',
  'signed',
];

/** ImageNet means in BGR order, 0 to 255. Source: Simonyan and Zisserman 2014, arXiv 1409.1556, section 2.1. */
const CAFFE_MEAN_BGR = [103.939, 116.779, 123.68];
/** ImageNet means and deviations of torchvision's own trainings, RGB, unit range. */
const TORCHVISION_MEAN = [0.485, 0.456, 0.406];
const TORCHVISION_DEVIATION = [0.229, 0.224, 0.225];
/** ImageNet means of torchvision's IMAGENET1K_FEATURES (Caffe's weights in RGB order), unit range. */
const FEATURES_MEAN = [0.48235, 0.45882, 0.40784];

/**
 * Returns pixels as the network expects them.
 *
 * @param images int32 or float32 [B, H, W, 3], RGB, 0 to 255; the caller disposes it
 * @returns float32 [B, H, W, 3], in the range of `preprocessing`; the caller disposes it
 */
export function preprocess(images: tf.Tensor4D, preprocessing: Preprocessing): tf.Tensor4D {
  return tf.tidy(() => {
    const x = tf.cast(images, 'float32');
    switch (preprocessing) {
      case 'caffe':
        return tf.sub(tf.reverse(x, 3), tf.tensor1d(CAFFE_MEAN_BGR));
      case 'torchvision':
        return tf.div(
          tf.sub(tf.div(x, 255), tf.tensor1d(TORCHVISION_MEAN)),
          tf.tensor1d(TORCHVISION_DEVIATION),
        );
      case 'torchvision-features':
        return tf.sub(x, tf.tensor1d(FEATURES_MEAN.map((mean) => mean * 255)));
      case 'signed':
        return tf.sub(tf.div(x, 127.5), 1);
    }
  });
}

/** What is subtracted from a pixel, and what it is divided by then. */
export interface RgbScaling {
  /** By channel, red first, 0 to 255. */
  readonly mean: readonly number[];
  /** By channel, red first. */
  readonly deviation: readonly number[];
}

/** Returns how a preprocessing scales RGB pixels from 0 to 255; `caffe` also turns the order of the channels. */
export function rgbScaling(preprocessing: Preprocessing): RgbScaling {
  const all = (value: number): readonly number[] => [value, value, value];
  switch (preprocessing) {
    case 'caffe':
      return { mean: [...CAFFE_MEAN_BGR].reverse(), deviation: all(1) };
    case 'torchvision':
      return {
        mean: TORCHVISION_MEAN.map((mean) => 255 * mean),
        deviation: TORCHVISION_DEVIATION.map((deviation) => 255 * deviation),
      };
    case 'torchvision-features':
      return { mean: FEATURES_MEAN.map((mean) => 255 * mean), deviation: all(1) };
    case 'signed':
      return { mean: all(127.5), deviation: all(127.5) };
  }
}
