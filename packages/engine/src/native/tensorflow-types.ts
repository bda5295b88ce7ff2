import type * as tf from '@tensorflow/tfjs';

/** TensorFlow's numbers of data types. Source: tensorflow/c/tf_datatype.h. */
export const DATA_TYPE = {
  float32: 1,
  int32: 3,
  uint8: 4,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

/** TensorFlow's numbers of attribute types. Source: tensorflow/c/tf_attrtype.h. */
export const ATTRIBUTE = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 } as const;

/** An attribute of an operation, in tfjs-node's form. */
export interface OperationAttribute {
  readonly name: string;
  /** One of {@link ATTRIBUTE}. */
  readonly type: number;
  readonly value: unknown;
}

/**
 * Returns TensorFlow's number of a tfjs data type.
 *
 * @throws Error for `complex64` and `string`, which compiled steps do not support
 */
export function dataTypeOf(dtype: tf.DataType): number {
  switch (dtype) {
    case 'float32':
    case 'int32':
    case 'bool':
      return DATA_TYPE[dtype];
    case 'complex64':
    case 'string':
      throw new Error(`a graph has no tensors of type ${dtype}`);
  }
}
