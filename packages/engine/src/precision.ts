import { ATTRIBUTE, DATA_TYPE, type GraphTensor, type OperationAttribute } from './graph-addon.js';

/**
 * What a compiled step computes in. `bfloat16`: convolutions, matrix products and the activations
 * between them; weights, optimizer, losses and the statistics of normalisation stay float32.
 */
export type Precision = 'float32' | 'bfloat16';

/** An operation that is about to be added. */
export interface PlannedOperation {
  readonly type: string;
  readonly inputs: readonly GraphTensor[];
  readonly attributes: readonly OperationAttribute[];
}

/** The types that its inputs are cast to, and its attributes for them. */
export interface PrecisionPlan {
  readonly inputs: readonly number[];
  readonly attributes: readonly OperationAttribute[];
}

const { float32, bfloat16 } = DATA_TYPE;

/** Always in bfloat16: where the arithmetic is. */
const REDUCED = new Set([
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter',
  'MatMul',
  'BatchMatMulV2',
]);

/** In bfloat16 where what they work on is: they move numbers, or change each by itself. */
const FOLLOWING = new Set([
  'Add',
  'AddV2',
  'BiasAdd',
  'ConcatV2',
  'FusedBatchNormGradV3',
  'FusedBatchNormV3',
  'JanusInstanceNorm',
  'JanusInstanceNormGrad',
  'JanusReflectPad1',
  'JanusReflectPad1Grad',
  'JanusReflectPad3',
  'JanusReflectPad3Grad',
  'LeakyRelu',
  'LeakyReluGrad',
  'Maximum',
  'MaxPool',
  'MaxPoolGrad',
  'MirrorPad',
  'MirrorPadGrad',
  'Pad',
  'PadV2',
  'Relu',
  'ReluGrad',
  'Reshape',
  'Slice',
  'Split',
  'SplitV',
  'StridedSlice',
  'Tanh',
  'Transpose',
]);

/** Inputs that stay float32 whatever the picture's type: by operation, from this place on. */
const STATISTICS: Readonly<Record<string, readonly number[]>> = {
  FusedBatchNormV3: [1, 2, 3, 4],
  FusedBatchNormGradV3: [2, 3, 4, 5],
  JanusInstanceNormGrad: [2, 3],
};

const sizeOf = ({ shape }: GraphTensor): number => shape.reduce((a, b) => a * b, 1);

/** Returns the types that an operation works in. */
export function castFor(precision: Precision, operation: PlannedOperation): PrecisionPlan {
  const { type, inputs, attributes } = operation;
  const isFloat = ({ dtype }: GraphTensor): boolean => dtype === float32 || dtype === bfloat16;
  const statistics = STATISTICS[type] ?? [];
  const main = inputs.filter((input, i) => isFloat(input) && !statistics.includes(i));
  const wanted = floatOf(precision, type, main);
  return {
    inputs: inputs.map((input, i) => {
      if (!isFloat(input)) return input.dtype;
      return statistics.includes(i) ? float32 : wanted;
    }),
    attributes: wanted === float32 ? attributes : attributes.map(reduced),
  };
}

function floatOf(precision: Precision, type: string, main: readonly GraphTensor[]): number {
  if (precision === 'float32') return float32;
  if (REDUCED.has(type)) return bfloat16;
  if (!FOLLOWING.has(type) || main.length === 0) return float32;
  // What is broadcast (a bias, a factor) takes the type of what it is broadcast to.
  const largest = Math.max(...main.map(sizeOf));
  const leading = main.filter((input) => sizeOf(input) === largest);
  return leading.every(({ dtype }) => dtype === bfloat16) ? bfloat16 : float32;
}

function reduced(attribute: OperationAttribute): OperationAttribute {
  const isMain = attribute.name === 'T' && attribute.type === ATTRIBUTE.type;
  if (!isMain || (attribute.value !== float32 && attribute.value !== bfloat16)) return attribute;
  return { ...attribute, value: bfloat16 };
}
