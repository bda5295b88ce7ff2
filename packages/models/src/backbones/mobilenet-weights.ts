/** The weights of MobileNet v1 as others name them, for our layers. */
import type { NamedArray } from '@janus/core';
import { MOBILENET_BLOCKS } from './mobilenet.js';
import type { LayerWeights } from './weights-formats.js';

/** Added to the variance under the root in Keras' MobileNet. */
const EPSILON = 1e-3;

/** A convolution's names: with us, and with Keras. */
const LAYERS: readonly { readonly own: string; readonly keras: string; readonly kernel: string }[] =
  [
    { own: 'conv1', keras: 'conv1', kernel: 'kernel' },
    ...MOBILENET_BLOCKS.flatMap((_, i) => [
      { own: `block${i + 1}_dw`, keras: `conv_dw_${i + 1}`, kernel: 'depthwise_kernel' },
      { own: `block${i + 1}_pw`, keras: `conv_pw_${i + 1}`, kernel: 'kernel' },
    ]),
  ];

/** Whether arrays are those of a MobileNet v1 as Keras names them, before or after a converter merged them. */
export const isMobileNet = (arrays: LayerWeights): boolean =>
  arrays.has('conv_dw_1/depthwise_kernel');

/**
 * Returns the weights of MobileNet v1's convolutions with the batch normalisation that follows each multiplied into
 * them: kernel gamma / sqrt(variance + 0.001), bias beta - mean gamma / sqrt(variance + 0.001). What lacks an array,
 * as a file does whose parts were not all downloaded, is left out.
 *
 * @param arrays with Keras' names (`conv_dw_1/depthwise_kernel`, `conv_dw_1_bn/gamma`), or those that TensorFlow's
 * converter gives them when it merges them (`conv_pw_1/convolution/merged_input`, `conv_dw_1_bn/batchnorm_1/mul`)
 */
export function foldNormalisation(arrays: LayerWeights): LayerWeights {
  const folded = new Map<string, NamedArray>();
  for (const { own, keras, kernel } of LAYERS) {
    const merged = arrays.get(`${keras}/convolution/merged_input`);
    const weights = merged ?? arrays.get(`${keras}/${kernel}`);
    const change = changeOf(arrays, `${keras}_bn`);
    if (weights === undefined || change === undefined) continue;
    const { factor, bias } = change;
    // The channel that a factor is for is the last index, or, of a depthwise kernel [3, 3, C, 1], the one before.
    const channels = kernel === 'kernel' ? (weights.shape[3] ?? 1) : (weights.shape[2] ?? 1);
    const data =
      merged === undefined
        ? Float32Array.from(weights.data, (value, i) => value * (factor[i % channels] ?? 1))
        : Float32Array.from(weights.data);
    const name = `${own}/${kernel}`;
    folded.set(name, { name, shape: weights.shape, data });
    folded.set(`${own}/bias`, { name: `${own}/bias`, shape: [bias.length], data: bias });
  }
  return folded;
}

/** Returns what a normalisation does to each channel; undefined where an array of it is missing. */
function changeOf(
  arrays: LayerWeights,
  name: string,
): { readonly factor: Float32Array; readonly bias: Float32Array } | undefined {
  const of = (part: string): Float32Array | undefined => {
    const data = arrays.get(`${name}/${part}`)?.data;
    return data instanceof Float32Array ? data : undefined;
  };
  const offset = of('batchnorm_1/sub');
  if (offset !== undefined) return { factor: of('batchnorm_1/mul') ?? offset, bias: offset };
  const [gamma, beta] = [of('gamma'), of('beta')];
  const [mean, variance] = [of('moving_mean'), of('moving_variance')];
  if (!gamma || !beta || !mean || !variance) return undefined;
  const factor = gamma.map((value, c) => value / Math.sqrt((variance[c] ?? 1) + EPSILON));
  return { factor, bias: beta.map((value, c) => value - (mean[c] ?? 0) * (factor[c] ?? 1)) };
}
