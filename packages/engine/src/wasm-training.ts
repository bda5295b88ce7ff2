import * as tf from '@tensorflow/tfjs';

/**
 * The kernels that training on the wasm engine lacks or has too slow, made of those that it has.
 * The convolutions, plain matrix products, pads and transposes below run at the speed of XNNPACK.
 */

/** What tfjs hands to a kernel; attribute names are tfjs's. */
interface KernelCall {
  readonly inputs: Readonly<Record<string, tf.TensorInfo | undefined>>;
  readonly attrs?: unknown;
  readonly backend: unknown;
}

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

let registered = false;

/** Registers the kernels, once; the wasm backend must be in place. */
export function registerWasmTrainingKernels(): void {
  if (registered) return;
  registered = true;
  replaceKernel('Conv2DBackpropFilter', filterGradient);
  replaceKernel('Conv2DBackpropInput', inputGradient);
  replaceKernel('MaxPoolGrad', maxPoolGradient);
  const plainMatMul = kernelOf('BatchMatMul');
  replaceKernel('BatchMatMul', (call) => matMulWithoutFlags(call, plainMatMul));
}

function kernelOf(kernelName: string): tf.KernelConfig {
  const kernel = tf.getKernel(kernelName, 'wasm');
  if (kernel === undefined) throw new Error(`the wasm engine has no kernel ${kernelName}`);
  return kernel;
}

function replaceKernel(
  kernelName: string,
  kernel: (call: KernelCall) => tf.Tensor | tf.TensorInfo | tf.TensorInfo[],
): void {
  if (tf.getKernel(kernelName, 'wasm') !== undefined) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: (call) => kernel(call) as tf.TensorInfo,
  });
}

/** tfjs hands whole tensors to kernels, although the type promises less. */
function tensorOf(call: KernelCall, name: string): tf.Tensor4D {
  const input = call.inputs[name];
  if (input === undefined) throw new Error(`a kernel was called without its input ${name}`);
  return input as tf.Tensor4D;
}

function filterGradient(call: KernelCall): tf.Tensor {
  const { strides, pad, dimRoundingMode, filterShape } = call.attrs as ConvolutionAttributes & {
    filterShape: [number, number, number, number];
  };
  return tf.tidy(() => {
    const x = tensorOf(call, 'x');
    const dy = tensorOf(call, 'dy');
    const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
      x.shape,
      filterShape,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const [kernelHeight, kernelWidth] = filterShape;
    const [, outHeight, outWidth] = dy.shape;
    // What the picture must measure for a kernel of dy's (dilated) size to fit kernelHeight times.
    const spanHeight = (outHeight - 1) * strideHeight + kernelHeight;
    const spanWidth = (outWidth - 1) * strideWidth + kernelWidth;
    const framed = frame(x, {
      top: padInfo.top,
      left: padInfo.left,
      height: spanHeight,
      width: spanWidth,
    });
    const gradient = tf.conv2d(
      tf.transpose(framed, [3, 1, 2, 0]) as tf.Tensor4D, // [Ci, H, W, B]
      tf.transpose(dy, [1, 2, 0, 3]) as tf.Tensor4D, // [h, w, B, Co]
      1,
      'valid',
      'NHWC',
      [strideHeight, strideWidth],
    ); // [Ci, kh, kw, Co]
    return tf.transpose(gradient, [1, 2, 0, 3]);
  });
}

function inputGradient(call: KernelCall): tf.Tensor {
  const { strides, pad, dimRoundingMode, inputShape } = call.attrs as ConvolutionAttributes & {
    inputShape: [number, number, number, number];
  };
  return tf.tidy(() => {
    const dy = tensorOf(call, 'dy');
    const filter = tensorOf(call, 'filter');
    const { padInfo, strideHeight, strideWidth } = tf.backend_util.computeConv2DInfo(
      inputShape,
      filter.shape,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const [kernelHeight, kernelWidth] = filter.shape;
    const [, height, width] = inputShape;
    const framed = frame(dilate(dy, strideHeight, strideWidth), {
      top: kernelHeight - 1 - padInfo.top,
      left: kernelWidth - 1 - padInfo.left,
      height: height + kernelHeight - 1,
      width: width + kernelWidth - 1,
    });
    const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D;
    return tf.conv2d(framed, turned, 1, 'valid'); // [B, H, W, Ci]
  });
}

/** Returns `dy` with `stride - 1` zeros after each row and column. */
function dilate(dy: tf.Tensor4D, strideHeight: number, strideWidth: number): tf.Tensor4D {
  const [batch, height, width, channels] = dy.shape;
  let dilated: tf.Tensor = dy;
  if (strideWidth > 1) {
    dilated = tf.pad(tf.reshape(dilated, [batch * height, width, 1, channels]), [
      [0, 0],
      [0, 0],
      [0, strideWidth - 1],
      [0, 0],
    ]);
  }
  if (strideHeight > 1) {
    dilated = tf.pad(tf.reshape(dilated, [batch, height, 1, width * strideWidth * channels]), [
      [0, 0],
      [0, 0],
      [0, strideHeight - 1],
      [0, 0],
    ]);
  }
  return tf.reshape(dilated, [batch, height * strideHeight, width * strideWidth, channels]);
}

/** A window onto a picture; it may begin before the picture and end after or within it. */
interface Frame {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Returns the window that begins `top` and `left` before the picture, zeros outside of it. */
function frame(x: tf.Tensor4D, { top, left, height, width }: Frame): tf.Tensor4D {
  const [batch, rows, columns, channels] = x.shape;
  const above = Math.max(0, top);
  const before = Math.max(0, left);
  const below = Math.max(0, height - top - rows);
  const after = Math.max(0, width - left - columns);
  let framed = x;
  if (above + before + below + after > 0) {
    framed = tf.pad(x, [
      [0, 0],
      [above, below],
      [before, after],
      [0, 0],
    ]);
  }
  const [, paddedRows, paddedColumns] = framed.shape;
  if (paddedRows === height && paddedColumns === width) return framed;
  return tf.slice(
    framed,
    [0, Math.max(0, -top), Math.max(0, -left), 0],
    [batch, height, width, channels],
  );
}

/**
 * The gradient of max pooling: each window's `dy` goes to its first largest value, row by row, as the
 * other engines do it. (The kernel of tfjs 4.22 is silently wrong with more than one channel.)
 */
function maxPoolGradient(call: KernelCall): tf.Tensor {
  const { filterSize, strides, pad, dimRoundingMode } = call.attrs as ConvolutionAttributes & {
    filterSize: number | [number, number];
  };
  return tf.tidy(() => {
    const x = tensorOf(call, 'input');
    const y = tensorOf(call, 'output');
    const dy = tensorOf(call, 'dy');
    const info = tf.backend_util.computePool2DInfo(
      x.shape,
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    );
    const { padInfo, strideHeight, strideWidth, inHeight, inWidth, outHeight, outWidth } = info;
    const rows = (outHeight - 1) * strideHeight + info.filterHeight;
    const columns = (outWidth - 1) * strideWidth + info.filterWidth;
    // Less than any value, finite: the border never wins.
    const lowest = -3.4e38;
    const bordered = tf.pad(
      x,
      [
        [0, 0],
        [padInfo.top, Math.max(0, rows - padInfo.top - inHeight)],
        [padInfo.left, Math.max(0, columns - padInfo.left - inWidth)],
        [0, 0],
      ],
      lowest,
    );
    let open: tf.Tensor = tf.onesLike(y);
    let gradient: tf.Tensor | undefined;
    for (let row = 0; row < info.filterHeight; row++) {
      for (let column = 0; column < info.filterWidth; column++) {
        const seen = tf.stridedSlice(
          bordered,
          [0, row, column, 0],
          [
            info.batchSize,
            row + (outHeight - 1) * strideHeight + 1,
            column + (outWidth - 1) * strideWidth + 1,
            info.inChannels,
          ],
          [1, strideHeight, strideWidth, 1],
        );
        const wins = tf.mul(tf.cast(tf.equal(seen, y), 'float32'), open);
        open = tf.sub(open, wins);
        const share = frame(dilate(tf.mul(dy, wins), strideHeight, strideWidth), {
          top: row - padInfo.top,
          left: column - padInfo.left,
          height: inHeight,
          width: inWidth,
        });
        gradient = gradient === undefined ? share : tf.add(gradient, share);
      }
    }
    return gradient ?? tf.zerosLike(x);
  });
}

/** A product with a transpose flag runs at a tenth of the speed of a transpose and a plain one. */
function matMulWithoutFlags(
  call: KernelCall,
  plain: tf.KernelConfig,
): tf.Tensor | tf.TensorInfo | tf.TensorInfo[] {
  const { transposeA, transposeB } = call.attrs as { transposeA: boolean; transposeB: boolean };
  if (!transposeA && !transposeB) {
    return plain.kernelFunc(call as Parameters<typeof plain.kernelFunc>[0]);
  }
  return tf.tidy(() => {
    const turn = (name: string, flag: boolean): tf.Tensor => {
      const operand = tensorOf(call, name);
      if (!flag) return operand;
      const axes = operand.shape.map((_, i) => i);
      const last = axes.length - 1;
      axes[last] = last - 1;
      axes[last - 1] = last;
      return tf.transpose(operand, axes);
    };
    return tf.matMul(turn('a', transposeA), turn('b', transposeB));
  });
}
