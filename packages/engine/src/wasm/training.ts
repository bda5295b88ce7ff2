import * as tf from '@tensorflow/tfjs';
import { convolution } from './convolution.js';
import { cast, leakyRelu, mean, sum } from './elementwise.js';
import { filterGradient } from './filter-gradient.js';
import { inputGradient } from './input-gradient.js';
import { putComposedKernel, putWasmKernel, wasmKernel, type Kernel } from './kernels.js';
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './pooling.js';
import { slice } from './slice.js';
import { fusedMatrixProduct, matrixProduct, segmentSum } from './products.js';

/** Kernels composed of others; tfjs has none on wasm, or a slow or wrong one. */
const COMPOSED: Readonly<Record<string, Parameters<typeof putComposedKernel>[1]>> = {
  Conv2DBackpropFilter: filterGradient,
  Conv2DBackpropInput: inputGradient,
  MaxPoolGrad: maxPoolGradient,
  AvgPoolGrad: averagePoolGradient,
  UnsortedSegmentSum: segmentSum,
};

/** Kernels that use tfjs's own where it is right and fast. */
const AROUND_PLAIN: Readonly<Record<string, (plain: Kernel) => Kernel>> = {
  Conv2D: convolution,
  FusedConv2D: convolution,
  MaxPool: maxPool,
  AvgPool: averagePool,
  BatchMatMul: matrixProduct,
  _FusedMatMul: fusedMatrixProduct,
  LeakyRelu: leakyRelu,
  Cast: cast,
  Slice: slice,
  Sum: sum,
  Mean: mean,
};

let registered = false;

/**
 * Makes the wasm engine able to train: registers the kernels that it lacks, and replaces those that
 * are silently wrong or too slow. Once per process; the wasm backend must be registered.
 */
export function registerWasmTrainingKernels(): void {
  if (registered) return;
  registered = true;
  for (const [name, around] of Object.entries(AROUND_PLAIN)) {
    putWasmKernel(name, around(wasmKernel(name)));
  }
  for (const [name, kernel] of Object.entries(COMPOSED)) putComposedKernel(name, kernel);
  const otherLeakyGradient = tf.getGradient('LeakyRelu');
  tf.unregisterGradient('LeakyRelu');
  tf.registerGradient({
    ...otherLeakyGradient,
    gradFunc: (dy, saved, attributes) => {
      const [x] = saved;
      if (tf.getBackend() !== 'wasm' || x === undefined) {
        return otherLeakyGradient.gradFunc(dy, saved, attributes);
      }
      const { alpha } = attributes as unknown as { alpha: number };
      return { x: () => tf.mul(dy as tf.Tensor, tf.step(x, alpha)) };
    },
  });
}
