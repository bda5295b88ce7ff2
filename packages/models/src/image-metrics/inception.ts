/** The Inception network whose features the FID is defined on. */
import * as tf from '@tensorflow/tfjs';

/** Side of the images that the network was trained on, in pixels. */
export const INCEPTION_SIZE = 299;

/** Height and width of a kernel, or both. */
type Kernel = number | readonly [height: number, width: number];

/** A convolution with ReLU; `valid` has no padding, `reduce` none and a stride of 2. */
type Unit = readonly [name: string, filters: number, kernel: Kernel, form?: 'valid' | 'reduce'];

/** Units one after the other; those in a list of their own stand side by side. */
type Branch = readonly (Unit | readonly Unit[])[];

/** What stands before the units of a block's last branch. */
type Pool = 'average' | 'max' | 'reduce';

/** An Inception block: branches side by side, the last of which begins with a pool. */
interface Block {
  readonly name: string;
  readonly branches: readonly Branch[];
  readonly pool: Pool;
  /** Filters after the pool; absent where nothing follows it. */
  readonly poolFilters?: number;
}

const STEM: readonly (Unit | 'pool')[] = [
  ['Conv2d_1a_3x3', 32, 3, 'reduce'],
  ['Conv2d_2a_3x3', 32, 3, 'valid'],
  ['Conv2d_2b_3x3', 64, 3],
  'pool',
  ['Conv2d_3b_1x1', 80, 1],
  ['Conv2d_4a_3x3', 192, 3, 'valid'],
  'pool',
];

const blockA = (name: string, poolFilters: number): Block => ({
  ...{ name, pool: 'average', poolFilters },
  branches: [
    [['branch1x1', 64, 1]],
    [
      ['branch5x5_1', 48, 1],
      ['branch5x5_2', 64, 5],
    ],
    [
      ['branch3x3dbl_1', 64, 1],
      ['branch3x3dbl_2', 96, 3],
      ['branch3x3dbl_3', 96, 3],
    ],
  ],
});

const BLOCK_B: Block = {
  ...{ name: 'Mixed_6a', pool: 'reduce' },
  branches: [
    [['branch3x3', 384, 3, 'reduce']],
    [
      ['branch3x3dbl_1', 64, 1],
      ['branch3x3dbl_2', 96, 3],
      ['branch3x3dbl_3', 96, 3, 'reduce'],
    ],
  ],
};

const blockC = (name: string, narrow: number): Block => ({
  ...{ name, pool: 'average', poolFilters: 192 },
  branches: [
    [['branch1x1', 192, 1]],
    [
      ['branch7x7_1', narrow, 1],
      ['branch7x7_2', narrow, [1, 7]],
      ['branch7x7_3', 192, [7, 1]],
    ],
    [
      ['branch7x7dbl_1', narrow, 1],
      ['branch7x7dbl_2', narrow, [7, 1]],
      ['branch7x7dbl_3', narrow, [1, 7]],
      ['branch7x7dbl_4', narrow, [7, 1]],
      ['branch7x7dbl_5', 192, [1, 7]],
    ],
  ],
});

const BLOCK_D: Block = {
  ...{ name: 'Mixed_7a', pool: 'reduce' },
  branches: [
    [
      ['branch3x3_1', 192, 1],
      ['branch3x3_2', 320, 3, 'reduce'],
    ],
    [
      ['branch7x7x3_1', 192, 1],
      ['branch7x7x3_2', 192, [1, 7]],
      ['branch7x7x3_3', 192, [7, 1]],
      ['branch7x7x3_4', 192, 3, 'reduce'],
    ],
  ],
};

const blockE = (name: string, pool: Pool): Block => ({
  ...{ name, pool, poolFilters: 192 },
  branches: [
    [['branch1x1', 320, 1]],
    [
      ['branch3x3_1', 384, 1],
      [
        ['branch3x3_2a', 384, [1, 3]],
        ['branch3x3_2b', 384, [3, 1]],
      ],
    ],
    [
      ['branch3x3dbl_1', 448, 1],
      ['branch3x3dbl_2', 384, 3],
      [
        ['branch3x3dbl_3a', 384, [1, 3]],
        ['branch3x3dbl_3b', 384, [3, 1]],
      ],
    ],
  ],
});

const BLOCKS: readonly Block[] = [
  ...[blockA('Mixed_5b', 32), blockA('Mixed_5c', 64), blockA('Mixed_5d', 64), BLOCK_B],
  ...[blockC('Mixed_6b', 128), blockC('Mixed_6c', 160), blockC('Mixed_6d', 160)],
  ...[blockC('Mixed_6e', 192), BLOCK_D, blockE('Mixed_7b', 'average'), blockE('Mixed_7c', 'max')],
];

/**
 * Builds Inception v3 as the FID has it, float32 [B, size, size, 3] to the 2,048 means over the places of its last maps. The
 * caller disposes it. Differs from the paper as TensorFlow's graph of 2015-12-05 does: padded average pools count only what lies
 * within the maps, and the pool of the very last block takes the maximum. Batch normalisations are multiplied into the
 * convolutions (`readInception`). Layers are named as PyTorch's ports name them, with `_` for a dot: `Mixed_5b_branch1x1`.
 *
 * @param size side in pixels, at least 75; default {@link INCEPTION_SIZE}
 *
 * Source: Szegedy et al. 2015, arXiv 1512.00567; Heusel et al. 2017, arXiv 1706.08500, section 4.
 */
export function buildInception(size: number = INCEPTION_SIZE): tf.LayersModel {
  const input = tf.input({ shape: [size, size, 3], name: 'inception_input' });
  let x: tf.SymbolicTensor = input;
  for (const step of STEM) x = step === 'pool' ? pooled(x, 'reduce') : convolved(x, step, '');
  for (const block of BLOCKS) x = blockOf(x, block);
  const outputs = tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs, name: 'inception-v3' });
}

/** Classes of the network: ImageNet's 1,000 and eight that were never trained. */
export const INCEPTION_CLASSES = 1008;

/** Builds the network's classes without their biases, float32 [B, 2048] to [B, 1008]: what the Inception Score is defined on. */
export function buildInceptionLogits(): tf.LayersModel {
  const input = tf.input({ shape: [2048], name: 'pooled_input' });
  const logits = tf.layers.dense({ name: 'fc', units: INCEPTION_CLASSES, useBias: false });
  return tf.model({ inputs: input, outputs: logits.apply(input) as tf.SymbolicTensor });
}

function convolved(x: tf.SymbolicTensor, unit: Unit, block: string): tf.SymbolicTensor {
  const [name, filters, kernel, form] = unit;
  const layer = tf.layers.conv2d({
    name: block === '' ? name : `${block}_${name}`,
    filters,
    kernelSize: typeof kernel === 'number' ? kernel : [...kernel],
    strides: form === 'reduce' ? 2 : 1,
    padding: form === undefined ? 'same' : 'valid',
    activation: 'relu',
    // Any: the weights are read.
    kernelInitializer: 'zeros',
  });
  return layer.apply(x) as tf.SymbolicTensor;
}

function pooled(x: tf.SymbolicTensor, pool: Pool): tf.SymbolicTensor {
  const layer =
    pool === 'average'
      ? tf.layers.averagePooling2d({ poolSize: 3, strides: 1, padding: 'same' })
      : tf.layers.maxPooling2d({
          poolSize: 3,
          ...(pool === 'max'
            ? { strides: 1, padding: 'same' as const }
            : { strides: 2, padding: 'valid' as const }),
        });
  return layer.apply(x) as tf.SymbolicTensor;
}

function blockOf(x: tf.SymbolicTensor, block: Block): tf.SymbolicTensor {
  const { name, branches, pool, poolFilters } = block;
  const last = pooled(x, pool);
  const outputs = [
    ...branches.map((branch) => branchOf(x, branch, name)),
    poolFilters === undefined ? last : convolved(last, ['branch_pool', poolFilters, 1], name),
  ];
  return tf.layers.concatenate({}).apply(outputs) as tf.SymbolicTensor;
}

function branchOf(from: tf.SymbolicTensor, branch: Branch, block: string): tf.SymbolicTensor {
  let x = from;
  for (const step of branch) {
    x = isUnit(step)
      ? convolved(x, step, block)
      : (tf.layers
          .concatenate({})
          .apply(step.map((unit) => convolved(x, unit, block))) as tf.SymbolicTensor);
  }
  return x;
}

const isUnit = (step: Unit | readonly Unit[]): step is Unit => typeof step[0] === 'string';
