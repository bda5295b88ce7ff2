import * as tf from '@tensorflow/tfjs';
import type { NodeBackend } from './native-backend.js';
import type { OperationAttribute } from './tensorflow-types.js';

/**
 * Gradients of the native engine as one TensorFlow operation each, where tfjs composes several: a
 * ReLU gradient through `step` takes 15 % of a VGG step. Other engines keep tfjs's gradients.
 */

type Inputs = Readonly<Record<string, tf.TensorInfo>>;
type Gradient = (dy: tf.Tensor, saved: tf.Tensor[], attributes: unknown) => () => tf.Tensor;

let registered = false;

/** Registers the kernels and gradients, once per process; the `tensorflow` backend must be registered. */
export function registerFusedGradients(): void {
  if (registered) return;
  registered = true;
  nativeKernel('JanusReluGrad', (backend, { dy, y }) =>
    backend.executeSingleOutput('ReluGrad', [floatType(backend)], required(dy, y)),
  );
  nativeKernel('JanusLeakyReluGrad', (backend, { dy, y }, attributes) =>
    backend.executeSingleOutput(
      'LeakyReluGrad',
      [
        {
          name: 'alpha',
          type: backend.binding.TF_ATTR_FLOAT,
          value: (attributes as { alpha: number }).alpha,
        },
        floatType(backend),
      ],
      required(dy, y),
    ),
  );
  nativeKernel('JanusMirrorPadGrad', (backend, { dy }, attributes) => {
    const { paddings, mode } = attributes as { paddings: number[][]; mode: string };
    const paddingsTensor = tf.tensor2d(paddings, [paddings.length, 2], 'int32');
    const gradient = backend.executeSingleOutput(
      'MirrorPadGrad',
      [
        floatType(backend),
        {
          name: 'Tpaddings',
          type: backend.binding.TF_ATTR_TYPE,
          value: backend.binding.TF_INT32,
        },
        { name: 'mode', type: backend.binding.TF_ATTR_STRING, value: mode.toUpperCase() },
      ],
      required(dy, paddingsTensor),
    );
    paddingsTensor.dispose();
    return gradient;
  });
  linearInDy('JanusReluGrad');
  linearInDy('JanusLeakyReluGrad');
  // From the output, which has the input's sign, so that a fused operation need not keep its input.
  onNative(
    'Relu',
    (dy, [, y]) =>
      () =>
        runKernel('JanusReluGrad', { dy, y }),
  );
  onNative(
    'LeakyRelu',
    (dy, [, y], attributes) =>
      () =>
        runKernel('JanusLeakyReluGrad', { dy, y }, attributes),
  );
  onNative(
    'MirrorPad',
    (dy, _saved, attributes) => () => runKernel('JanusMirrorPadGrad', { dy }, attributes),
  );
}

/** Registers the gradient of a gradient that is linear in `dy` and elsewhere flat: a penalty on gradients needs it. */
function linearInDy(kernelName: string): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['y'],
    gradFunc: (ddy, [y], attributes) => {
      if (y === undefined) throw new Error(`${kernelName}: its output was not saved`);
      return {
        dy: () => runKernel(kernelName, { dy: ddy as tf.Tensor, y }, attributes),
        y: () => tf.zerosLike(y),
      };
    },
  });
}

function floatType({ binding }: NodeBackend): OperationAttribute {
  return { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
}

function required(...inputs: readonly (tf.TensorInfo | undefined)[]): tf.TensorInfo[] {
  return inputs.map((input) => {
    if (input === undefined) throw new Error('a native kernel was called without an input');
    return input;
  });
}

function nativeKernel(
  kernelName: string,
  kernel: (backend: NodeBackend, inputs: Inputs, attributes: unknown) => tf.TensorInfo,
): void {
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernel(backend as NodeBackend, inputs as Inputs, attrs),
  });
}

function runKernel(
  name: string,
  inputs: Readonly<Record<string, tf.Tensor | undefined>>,
  attributes?: unknown,
): tf.Tensor {
  return tf
    .engine()
    .runKernel(name, inputs as tf.NamedTensorMap, attributes as tf.NamedAttrMap | undefined);
}

/** Replaces a registered gradient, for the native engine alone. */
function onNative(kernelName: string, native: Gradient): void {
  const other = tf.getGradient(kernelName);
  tf.unregisterGradient(kernelName);
  tf.registerGradient({
    ...other,
    kernelName,
    outputsToSave: [kernelName !== 'MirrorPad'],
    gradFunc: (dy, saved, attributes) =>
      tf.getBackend() === 'tensorflow'
        ? { x: native(dy as tf.Tensor, saved, attributes) }
        : other.gradFunc(dy, saved, attributes),
  });
}
