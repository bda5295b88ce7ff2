import * as tf from '@tensorflow/tfjs';
import { gpuInUse } from './gpu-in-use.js';
import type { NodeBackend } from './native-backend.js';
import { ATTRIBUTE, DATA_TYPE, type OperationAttribute } from './tensorflow-types.js';

/**
 * The operations of `addon/operations.cc` as tfjs kernels of the `tensorflow` engine, with their
 * gradients: instance normalisation with the activation behind it, padding by reflection, and sums
 * over pixels. (Those that stand for others in bfloat16 alone are in `precision.ts`.)
 */

const NORM = 'JanusInstanceNorm';

/** Paddings that there is an operation for: those of the CycleGAN's generators. */
const PADDINGS: readonly number[] = [1, 3];

/** How an image is normalised. */
export interface NormAttributes {
  /** Added to the variance inside the root. */
  readonly epsilon: number;
  /** Slope of the activation below 0: 1 leaves it out, 0 is a ReLU. */
  readonly slope: number;
}

let registered = false;

/** Registers the kernels and gradients, once; the `tensorflow` backend must be in place. */
export function registerImageOps(): void {
  if (registered) return;
  registered = true;
  registerNorm();
  PADDINGS.forEach(registerPadding);
  replaceSum();
}

const TYPE: OperationAttribute = { name: 'T', type: ATTRIBUTE.type, value: DATA_TYPE.float32 };
const float = (name: string, value: number): OperationAttribute => ({
  name,
  type: ATTRIBUTE.float,
  value,
});

function registerNorm(): void {
  tf.registerKernel({
    kernelName: NORM,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) => {
      const { epsilon, slope } = attrs as unknown as NormAttributes;
      return (backend as NodeBackend).executeMultipleOutputs(
        NORM,
        [TYPE, float('epsilon', epsilon), float('slope', slope)],
        [(inputs as { x: tf.TensorInfo }).x],
        3,
      );
    },
  });
  tf.registerGradient({
    kernelName: NORM,
    inputsToSave: ['x'],
    outputsToSave: [false, true, true], // means and scales
    gradFunc: (dys, saved, attributes) => {
      const [dy] = dys as tf.Tensor[];
      const { slope } = attributes as unknown as NormAttributes;
      return {
        x: () =>
          (tf.backend() as NodeBackend).executeSingleOutput(
            `${NORM}Grad`,
            [TYPE, float('slope', slope)],
            [dy, ...saved] as tf.Tensor[],
          ),
      };
    },
  });
}

const paddingName = (padding: number): string => `JanusReflectPad${padding}`;

function registerPadding(padding: number): void {
  const kernelName = paddingName(padding);
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, backend }) =>
      (backend as NodeBackend).executeSingleOutput(
        kernelName,
        [TYPE],
        [(inputs as { x: tf.TensorInfo }).x],
      ),
  });
  tf.registerGradient({
    kernelName,
    gradFunc: (dy) => ({
      x: () =>
        (tf.backend() as NodeBackend).executeSingleOutput(
          `${kernelName}Grad`,
          [TYPE],
          [dy as tf.Tensor],
        ),
    }),
  });
}

/** A bias's gradient is a sum over all but the last axis, which TensorFlow computes at a fifth of the speed. */
function replaceSum(): void {
  const { kernelFunc: other } = tf.getKernel('Sum', 'tensorflow');
  tf.unregisterKernel('Sum', 'tensorflow');
  tf.registerKernel({
    kernelName: 'Sum',
    backendName: 'tensorflow',
    kernelFunc: (given) => {
      const { x } = given.inputs as { x: tf.TensorInfo };
      const { axis, keepDims } = given.attrs as unknown as {
        readonly axis: number | number[];
        readonly keepDims: boolean;
      };
      const axes = tf.util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
      const overAllButLast =
        !keepDims &&
        axes.length > 0 &&
        axes.length === x.shape.length - 1 &&
        axes.every((each, i) => each === i);
      if (!overAllButLast || x.dtype !== 'float32' || gpuInUse() !== undefined) return other(given);
      return (given.backend as NodeBackend).executeSingleOutput('JanusChannelSum', [TYPE], [x]);
    },
  });
}

/** See `instanceNorm`: on the `tensorflow` engine, on a processor. */
export function normaliseNatively(x: tf.Tensor4D, attributes: NormAttributes): tf.Tensor4D {
  const [y, ...statistics] = tf
    .engine()
    .runKernel(NORM, { x }, { ...attributes }) as unknown as tf.Tensor[];
  tf.dispose(statistics);
  return y as tf.Tensor4D;
}

/** See `reflectPad`: on the `tensorflow` engine, on a processor; undefined when no operation fits. */
export function reflectNatively(x: tf.Tensor4D, padding: number): tf.Tensor4D | undefined {
  if (!PADDINGS.includes(padding)) return undefined;
  return tf.engine().runKernel(paddingName(padding), { x });
}
