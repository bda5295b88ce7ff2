import { gpuInUse } from './native/gpu-in-use.js';
import type { GraphTensor } from './native/graph-addon.js';
import { ATTRIBUTE, DATA_TYPE, type OperationAttribute } from './native/tensorflow-types.js';

/**
 * The number format that a compiled step computes in. `bfloat16` covers convolutions, matrix products
 * and the activations between them; weights, optimizer state, losses and the statistics of
 * normalisation stay float32.
 */
export type Precision = 'float32' | 'bfloat16';

/** An operation that is about to be added to a graph. */
export interface PlannedOperation {
  readonly type: string;
  readonly inputs: readonly GraphTensor[];
  readonly attributes: readonly OperationAttribute[];
}

/** What is added in its place: the operation, the types to cast its inputs to, and its attributes. */
export interface PrecisionPlan {
  readonly type: string;
  /** TensorFlow's number of a type ({@link DATA_TYPE}), one per input. */
  readonly inputs: readonly number[];
  readonly attributes: readonly OperationAttribute[];
}

const { float32, bfloat16 } = DATA_TYPE;

/** Operations that are always in bfloat16: they do the arithmetic. */
const REDUCED = new Set([
  'Conv2D',
  'Conv2DBackpropInput',
  'Conv2DBackpropFilter',
  'MatMul',
  'BatchMatMulV2',
]);

/** Operations that take their largest input's type: they move numbers, or change each by itself. */
const FOLLOWING = new Set([
  'Add',
  'AddV2',
  'BiasAdd',
  'ConcatV2',
  'FusedBatchNormGradV3',
  'FusedBatchNormV3',
  'JanusChannelSum',
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

/** Indices of the inputs that stay float32 whatever the image's type. */
const STATISTICS: Readonly<Record<string, readonly number[]>> = {
  FusedBatchNormV3: [1, 2, 3, 4],
  FusedBatchNormGradV3: [2, 3, 4, 5],
  JanusInstanceNormGrad: [2, 3],
};

/** Our own operations for those that TensorFlow computes slowly in bfloat16, and attributes to add. */
const OWN: Readonly<
  Record<string, { readonly type: string; readonly more: readonly OperationAttribute[] }>
> = {
  Add: { type: 'JanusAdd', more: [] },
  AddV2: { type: 'JanusAdd', more: [] },
  ReluGrad: {
    type: 'JanusActivationGrad',
    more: [{ name: 'alpha', type: ATTRIBUTE.float, value: 0 }],
  },
  LeakyReluGrad: { type: 'JanusActivationGrad', more: [] },
};

/** Returns our own bfloat16 version of an operation, which runs on processors and does not broadcast. */
function ownFor({ type, inputs }: PlannedOperation): (typeof OWN)[string] | undefined {
  const [a, b] = inputs;
  const isSame = a?.shape.join() === b?.shape.join();
  return isSame && gpuInUse() === undefined ? OWN[type] : undefined;
}

const sizeOf = ({ shape }: GraphTensor): number => shape.reduce((a, b) => a * b, 1);

/** Returns the operation and the types to use for one that tfjs asked for. */
export function castFor(precision: Precision, operation: PlannedOperation): PrecisionPlan {
  const { type, inputs, attributes } = operation;
  const isFloat = ({ dtype }: GraphTensor): boolean => dtype === float32 || dtype === bfloat16;
  if (type === 'Cast') return castOfCast(precision, operation);
  const statistics = STATISTICS[type] ?? [];
  const main = inputs.filter((input, i) => isFloat(input) && !statistics.includes(i));
  const wanted = floatOf(precision, type, main);
  const own = wanted === bfloat16 ? ownFor(operation) : undefined;
  return {
    type: own?.type ?? type,
    inputs: inputs.map((input, i) => {
      if (!isFloat(input)) return input.dtype;
      return statistics.includes(i) ? float32 : wanted;
    }),
    attributes:
      wanted === float32 ? attributes : [...attributes.map(reduced), ...(own?.more ?? [])],
  };
}

/**
 * Lets a cast from float32 to float32, which tfjs makes in the gradient of a copy, keep a bfloat16
 * input as it is: otherwise all that follows would be computed in float32.
 */
function castOfCast(precision: Precision, operation: PlannedOperation): PrecisionPlan {
  const { type, inputs, attributes } = operation;
  const typeOf = (name: string): unknown => attributes.find((each) => each.name === name)?.value;
  const isSame = typeOf('SrcT') === float32 && typeOf('DstT') === float32;
  if (precision === 'float32' || !isSame || inputs[0]?.dtype !== bfloat16) {
    const kept = inputs.map(({ dtype }) => (dtype === bfloat16 ? float32 : dtype));
    return { type, inputs: kept, attributes };
  }
  const types = attributes.filter((each) => each.type === ATTRIBUTE.type);
  return {
    type,
    inputs: [bfloat16],
    attributes: attributes.map((each) =>
      types.includes(each) ? { ...each, value: bfloat16 } : each,
    ),
  };
}

function floatOf(precision: Precision, type: string, main: readonly GraphTensor[]): number {
  if (precision === 'float32') return float32;
  if (REDUCED.has(type)) return bfloat16;
  if (!FOLLOWING.has(type) || main.length === 0) return float32;
  // A broadcast input (a bias, a factor) takes the type of what it is broadcast to.
  const largest = Math.max(...main.map(sizeOf));
  const leading = main.filter((input) => sizeOf(input) === largest);
  return leading.every(({ dtype }) => dtype === bfloat16) ? bfloat16 : float32;
}

function reduced(attribute: OperationAttribute): OperationAttribute {
  const isMain = attribute.name === 'T' && attribute.type === ATTRIBUTE.type;
  if (!isMain || (attribute.value !== float32 && attribute.value !== bfloat16)) return attribute;
  return { ...attribute, value: bfloat16 };
}
