import * as tf from '@tensorflow/tfjs';

/**
 * What pixels become before a network sees them. It belongs to the weights, not to the architecture:
 * the same VGG-16 exists in several trainings.
 */
export type Preprocessing = 'caffe' | 'torchvision' | 'torchvision-features' | 'signed';

/** Means of the ImageNet images in BGR order; subtracted, nothing scaled. Simonyan and Zisserman 2014. */
const CAFFE_MEAN_BGR = [103.939, 116.779, 123.68];
/** ImageNet mean and deviation of torchvision's own trainings, RGB, unit range. */
const TORCHVISION_MEAN = [0.485, 0.456, 0.406];
const TORCHVISION_DEVIATION = [0.229, 0.224, 0.225];
/** torchvision's IMAGENET1K_FEATURES: Caffe's training in RGB order; its mean, and 1/255. */
const FEATURES_MEAN = [0.48235, 0.45882, 0.40784];

/**
 * Returns pixels as a network of those weights expects them.
 *
 * @param images uint8 values [B, H, W, 3], RGB; int32 or float32
 * @returns float32 [B, H, W, 3]; the caller disposes it
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
