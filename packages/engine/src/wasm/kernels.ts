import * as tf from '@tensorflow/tfjs';

/** The arguments that tfjs calls a kernel with; the attributes' names are tfjs's. */
export interface KernelCall {
  readonly inputs: Readonly<Record<string, tf.TensorInfo | undefined>>;
  readonly attrs?: unknown;
  readonly backend: unknown;
}

/** A kernel: it disposes none of its inputs, and the caller disposes what it returns. */
export type Kernel = (call: KernelCall) => tf.TensorInfo | tf.TensorInfo[];

/**
 * Returns the kernel of the wasm backend by tfjs's name.
 *
 * @throws Error when there is none
 */
export function wasmKernel(kernelName: string): Kernel {
  const kernel = registered(kernelName);
  if (kernel === undefined) throw new Error(`the wasm engine has no kernel ${kernelName}`);
  return ({ inputs, attrs, backend }) =>
    kernel.kernelFunc({ inputs, attrs, backend } as Parameters<typeof kernel.kernelFunc>[0]);
}

/** tfjs's own type promises a kernel for every name. */
function registered(kernelName: string): tf.KernelConfig | undefined {
  return tf.getKernel(kernelName, 'wasm');
}

/** Registers a kernel for the wasm backend, in place of an earlier one of that name. */
export function putWasmKernel(kernelName: string, kernel: Kernel): void {
  if (registered(kernelName) !== undefined) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: kernel,
  });
}

/** Registers a kernel composed of others; its intermediate tensors are disposed. */
export function putComposedKernel(
  kernelName: string,
  kernel: (call: KernelCall) => tf.Tensor,
): void {
  putWasmKernel(kernelName, (call) => tf.tidy(() => kernel(call)));
}

/**
 * Returns an input of a kernel. It is a whole tensor, although tfjs's type promises less.
 *
 * @throws Error when the call has no input of that name
 */
export function tensorOf<R extends tf.Rank = tf.Rank>(
  call: KernelCall,
  name: string,
): tf.Tensor<R> {
  const input = call.inputs[name];
  if (input === undefined) throw new Error(`a kernel was called without its input ${name}`);
  return input as tf.Tensor<R>;
}

/** Runs one of tfjs's own kernels; the tensor belongs to the surrounding `tidy`. */
export function runPlain(plain: Kernel, inputs: KernelCall['inputs'], attrs: unknown): tf.Tensor {
  const made = plain({ inputs, attrs, backend: tf.backend() }) as tf.TensorInfo;
  return tf.engine().makeTensorFromTensorInfo(made);
}
