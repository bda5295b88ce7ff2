/**
 * How fast the wasm engine convolves and takes gradients, in GFLOP/s, one line a shape; on one core
 * with `JANUS_THREADS=1`:
 *
 *     node --import tsx --conditions=@janus/source benchmarks/wasm-kernels.ts [vgg|cyclegan|squeezenet|products]
 *
 * `forward` is XNNPACK's own speed with a kernel that it has not met before, as in training. The
 * gradients' operations are counted as the forward's: those of a padded or dilated `dy` do not count.
 */
import * as tf from '@tensorflow/tfjs';
import { useEngine } from '@janus/engine';

interface Convolution {
  readonly name: string;
  readonly batch?: number;
  readonly size: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly pad?: 'same' | 'valid';
}

const RUNS = 5;

const CONVOLUTIONS: Readonly<Record<string, readonly Convolution[]>> = {
  vgg: [
    { name: 'block1_conv1', size: 224, inChannels: 3, outChannels: 64, kernel: 3 },
    { name: 'block1_conv2', size: 224, inChannels: 64, outChannels: 64, kernel: 3 },
    { name: 'block2_conv1', size: 112, inChannels: 64, outChannels: 128, kernel: 3 },
    { name: 'block2_conv2', size: 112, inChannels: 128, outChannels: 128, kernel: 3 },
    { name: 'block3_conv2', size: 56, inChannels: 256, outChannels: 256, kernel: 3 },
    { name: 'block4_conv1', size: 28, inChannels: 256, outChannels: 512, kernel: 3 },
    { name: 'block4_conv2', size: 28, inChannels: 512, outChannels: 512, kernel: 3 },
    { name: 'block5_conv1', size: 14, inChannels: 512, outChannels: 512, kernel: 3 },
    { name: 'block5_conv1', batch: 8, size: 14, inChannels: 512, outChannels: 512, kernel: 3 },
    { name: 'small-vgg', batch: 16, size: 32, inChannels: 32, outChannels: 64, kernel: 3 },
  ],
  cyclegan: [
    { name: 'G c7s1-64', size: 262, inChannels: 3, outChannels: 64, kernel: 7, pad: 'valid' },
    { name: 'G d128', size: 256, inChannels: 64, outChannels: 128, kernel: 3, stride: 2 },
    { name: 'G d256', size: 128, inChannels: 128, outChannels: 256, kernel: 3, stride: 2 },
    { name: 'G R256', size: 66, inChannels: 256, outChannels: 256, kernel: 3, pad: 'valid' },
    { name: 'G c7s1-3', size: 262, inChannels: 64, outChannels: 3, kernel: 7, pad: 'valid' },
    { name: 'D C64', size: 256, inChannels: 3, outChannels: 64, kernel: 4, stride: 2 },
    { name: 'D C128', size: 128, inChannels: 64, outChannels: 128, kernel: 4, stride: 2 },
    { name: 'D C256', size: 64, inChannels: 128, outChannels: 256, kernel: 4, stride: 2 },
    { name: 'D C512', size: 32, inChannels: 256, outChannels: 512, kernel: 4 },
    { name: 'D last', size: 31, inChannels: 512, outChannels: 1, kernel: 4 },
    {
      name: '64 px R64',
      batch: 8,
      size: 18,
      inChannels: 64,
      outChannels: 64,
      kernel: 3,
      pad: 'valid',
    },
    { name: '64 px R128', size: 18, inChannels: 128, outChannels: 128, kernel: 3, pad: 'valid' },
    {
      name: '64 px d64',
      batch: 8,
      size: 32,
      inChannels: 32,
      outChannels: 64,
      kernel: 3,
      stride: 2,
    },
    { name: '128 px R128', size: 34, inChannels: 128, outChannels: 128, kernel: 3, pad: 'valid' },
  ],
  squeezenet: [
    {
      name: 'conv1',
      batch: 8,
      size: 224,
      inChannels: 3,
      outChannels: 64,
      kernel: 3,
      stride: 2,
      pad: 'valid',
    },
    { name: 'fire squeeze', batch: 8, size: 55, inChannels: 128, outChannels: 16, kernel: 1 },
    { name: 'fire expand 1x1', batch: 8, size: 27, inChannels: 32, outChannels: 128, kernel: 1 },
    { name: 'fire expand 3x3', batch: 8, size: 27, inChannels: 32, outChannels: 128, kernel: 3 },
  ],
};

interface Product {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

const PRODUCTS: readonly Product[] = [
  { rows: 32, inner: 25088, columns: 1024 },
  { rows: 512, inner: 512, columns: 512 },
  { rows: 32, inner: 512, columns: 1024 },
];

/**
 * Returns the best of some runs in milliseconds; a run's input is made afresh, outside the clock.
 */
function milliseconds(make: () => tf.Tensor[], run: (made: tf.Tensor[]) => tf.Tensor): number {
  let best = Infinity;
  for (let i = 0; i <= RUNS; i++) {
    const made = make();
    const start = performance.now();
    const result = run(made);
    if (i > 0) best = Math.min(best, performance.now() - start);
    tf.dispose([result, ...made]);
  }
  return best;
}

function print(name: string, columns: readonly (string | number)[]): void {
  const cells = columns.map((cell) => (typeof cell === 'number' ? cell.toFixed(1) : cell));
  process.stdout.write(`${name.padEnd(44)}${cells.map((cell) => cell.padStart(10)).join('')}\n`);
}

function measureConvolution(shape: Convolution): void {
  const {
    name,
    batch = 1,
    size,
    inChannels,
    outChannels,
    kernel,
    stride = 1,
    pad = 'same',
  } = shape;
  const xShape: [number, number, number, number] = [batch, size, size, inChannels];
  const filterShape: [number, number, number, number] = [kernel, kernel, inChannels, outChannels];
  const x = tf.randomUniform<tf.Rank.R4>(xShape, -1, 1, 'float32', 1);
  const filter = tf.randomUniform<tf.Rank.R4>(filterShape, -1, 1, 'float32', 2);
  const attributes = { strides: [stride, stride], pad, dataFormat: 'NHWC', dilations: [1, 1] };
  const run = (kernelName: string, inputs: Record<string, tf.Tensor>, more: object): tf.Tensor =>
    tf.engine().runKernel(kernelName, inputs, { ...attributes, ...more });
  const y = tf.conv2d(x, filter, stride, pad);
  const dy = tf.randomUniform(y.shape, -1, 1, 'float32', 3);
  const operations = 2 * y.size * kernel * kernel * inChannels;
  const fresh = (tensor: tf.Tensor) => (): tf.Tensor[] => [tf.add(tensor, 0)];
  const times = [
    milliseconds(fresh(filter), ([made = filter]) => run('Conv2D', { x, filter: made }, {})),
    milliseconds(fresh(filter), ([made = filter]) =>
      run('Conv2DBackpropInput', { dy, filter: made }, { inputShape: xShape }),
    ),
    milliseconds(fresh(dy), ([made = dy]) =>
      run('Conv2DBackpropFilter', { x, dy: made }, { filterShape }),
    ),
  ];
  const title = `${name} [${xShape.join(', ')}] ${kernel}x${kernel}/${stride} -> ${outChannels}`;
  print(
    title,
    times.map((time) => operations / time / 1e6),
  );
  tf.dispose([x, filter, y, dy]);
}

function measureProduct({ rows, inner, columns }: Product): void {
  const a = tf.randomUniform<tf.Rank.R2>([rows, inner], -1, 1, 'float32', 1);
  const b = tf.randomUniform<tf.Rank.R2>([inner, columns], -1, 1, 'float32', 2);
  const turnedA = tf.transpose<tf.Tensor2D>(a);
  const turnedB = tf.transpose<tf.Tensor2D>(b);
  const fresh = (tensor: tf.Tensor) => (): tf.Tensor[] => [tf.add(tensor, 0)];
  const operations = 2 * rows * inner * columns;
  const times = [
    milliseconds(fresh(b), ([made = b]) => tf.matMul(a, made)),
    milliseconds(fresh(turnedB), ([made = turnedB]) => tf.matMul(a, made, false, true)),
    milliseconds(fresh(b), ([made = b]) => tf.matMul(turnedA, made, true, false)),
  ];
  print(
    `[${rows}, ${inner}] x [${inner}, ${columns}]`,
    times.map((time) => operations / time / 1e6),
  );
  tf.dispose([a, b, turnedA, turnedB]);
}

const wanted = process.argv[2];
const engine = await useEngine({ engine: 'wasm' });
process.stdout.write(`${engine.line}\n`);
for (const [group, convolutions] of Object.entries(CONVOLUTIONS)) {
  if (wanted !== undefined && wanted !== group) continue;
  print(`\n${group}, GFLOP/s`, ['forward', 'dx', 'dW']);
  for (const convolution of convolutions) measureConvolution(convolution);
}
if (wanted === undefined || wanted === 'products') {
  print('\nmatrix products, GFLOP/s', ['A B', "A B'", "A' B"]);
  for (const product of PRODUCTS) measureProduct(product);
}
