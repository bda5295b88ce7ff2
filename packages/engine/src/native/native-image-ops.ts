import * as tf from '@tensorflow/tfjs';
import { gpuInUse } from './gpu-in-use.js';
import type { NodeBackend } from './native-backend.js';
import { ATTRIBUTE, DATA_TYPE, type OperationAttribute } from './tensorflow-types.js';

/**
 * The operations of `addon/operations.cc` as tfjs kernels of the `tensorflow` engine, with their
 * gradients: instance normalisation with the activation that follows, padding by reflection, and sums
 * over pixels. (`precision.ts` has those that replace others in bfloat16 only.)
 */

const NORM = 'JanusInstanceNorm';

/** Paddings that have an operation, in pixels: those of CycleGAN's generators. */
const PADDINGS: readonly number[] = [1, 3];

/** How {@link normaliseNatively} normalises. */
export interface NormAttributes {
  /** Added to the variance under the root. */
  readonly epsilon: number;
  /** Slope of the activation for negative values: 1 is none, 0 a ReLU. */
  readonly slope: number;
}

let registered = false;

/** Registers the kernels and gradients, once per process; the `tensorflow` backend must be registered. */
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

/** Replaces the sum over all but the last axis (a bias's gradient): TensorFlow's takes five times as long. */
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

/**
 * Normalises on the `tensorflow` engine, on a processor; see `instanceNorm`.
 *
 * @param x float32 [B, H, W, C]
 * @returns float32 [B, H, W, C]; the caller disposes it
 */
export function normaliseNatively(x: tf.Tensor4D, attributes: NormAttributes): tf.Tensor4D {
  const [y, ...statistics] = tf
    .engine()
    .runKernel(NORM, { x }, { ...attributes }) as unknown as tf.Tensor[];
  tf.dispose(statistics);
  return y as tf.Tensor4D;
}

/**
 * Pads on the `tensorflow` engine, on a processor; see `reflectPad`.
 *
 * @param x float32 [B, H, W, C]
 * @param padding pixels on each side
 * @returns float32 [B, H + 2 padding, W + 2 padding, C], which the caller disposes; `undefined` for a
 * padding that has no operation
 */
export function reflectNatively(x: tf.Tensor4D, padding: number): tf.Tensor4D | undefined {
  if (!PADDINGS.includes(padding)) return undefined;
  return tf.engine().runKernel(paddingName(padding), { x });
}
