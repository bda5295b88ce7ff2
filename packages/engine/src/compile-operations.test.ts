import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { reflectPad } from './reflect-pad.js';
import {
  describeCompiled,
  FLOAT32_REDUCTION,
  type Step,
  normal,
  valuesOf,
  difference,
} from './compile.fixture.js';

describeCompiled('an operation', (made) => {
  interface Case {
    readonly name: string;
    readonly shapes: readonly (readonly number[])[];
    readonly compute: (...given: readonly tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[];
    /** Default true; results of other types than float32 have none. */
    readonly gradients?: boolean;
  }
  const as4 = (x: tf.Tensor | undefined): tf.Tensor4D => x as tf.Tensor4D;
  const as1 = (x: tf.Tensor | undefined): tf.Tensor1D => x as tf.Tensor1D;
  const cases: readonly Case[] = [
    {
      name: 'concat',
      shapes: [
        [2, 3, 1],
        [2, 3, 4],
        [2, 3, 2],
      ],
      compute: (...given) => tf.concat([...given], 2),
    },
    {
      name: 'stack',
      shapes: [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      compute: (...given) => tf.stack([...given], 1),
    },
    {
      name: 'addN',
      shapes: [
        [2, 3],
        [2, 3],
        [2, 3],
      ],
      compute: (...given) => tf.addN([...given]),
    },
    {
      name: 'einsum',
      shapes: [
        [2, 3],
        [3, 4],
      ],
      compute: (...given) => tf.einsum('ij,jk->ki', ...given),
      gradients: false,
    },
    { name: 'split in equal parts', shapes: [[2, 6]], compute: (x) => tf.split(x, 3, 1) },
    {
      name: 'split in given parts',
      shapes: [[2, 6]],
      compute: (x) => tf.split(x, [1, 2, 3], 1),
    },
    { name: 'unstack', shapes: [[3, 2]], compute: (x) => tf.unstack(x, 0) },
    {
      name: 'where and maximum',
      shapes: [
        [3, 4],
        [3, 4],
      ],
      compute: (x, y) => tf.where(tf.greater(tf.range(0, 4), 1), tf.maximum(x, y), y),
    },
    {
      name: 'greater',
      shapes: [
        [3, 4],
        [3, 4],
      ],
      compute: (x, y) => tf.greater(x, y),
      gradients: false,
    },
    {
      name: 'logicalAnd and cast',
      shapes: [[3, 4]],
      compute: (x) => [
        tf.cast(tf.logicalAnd(tf.greater(x, -1), tf.less(x, 1)), 'int32'),
        tf.cast(tf.mul(x, 3), 'int32'),
        tf.cast(tf.cast(x, 'bool'), 'float32'),
      ],
      gradients: false,
    },
    {
      name: 'argMax and oneHot',
      shapes: [[5, 4]],
      compute: (x) => [tf.argMax(x, 1), tf.oneHot(as1(tf.argMax(x, 1)), 4)],
      gradients: false,
    },
    {
      name: 'gather',
      shapes: [[4, 3]],
      compute: (x) => {
        const at = tf.tensor1d([3, 0, 3], 'int32');
        return [tf.gather(x, at), tf.gather(x, tf.tensor2d([[2, 0]], [1, 2], 'int32'), 1)];
      },
    },
    {
      name: 'gather in batches',
      shapes: [[2, 5, 3]],
      compute: (x) => tf.gather(x, tf.tensor2d([4, 0, 4, 1], [2, 2], 'int32'), 1, 1),
    },
    {
      name: 'gather at places that are computed',
      shapes: [[5, 4]],
      compute: (x) => tf.gather(x, tf.argMax(x, 0)),
      gradients: false, // tfjs wants one of argMax, and refuses the int32 that it is
    },
    {
      name: 'unsortedSegmentSum',
      shapes: [[4, 3]],
      compute: (x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2, -1], 'int32'), 3),
    },
    {
      name: 'topk',
      shapes: [[5, 4]],
      compute: (x) => {
        const { values, indices } = tf.topk(x, 2);
        return [values, indices];
      },
      gradients: false,
    },
    { name: 'mirrorPad', shapes: [[2, 4, 5, 2]], compute: (x) => reflectPad(as4(x), 2) },
    {
      name: 'maxPool',
      shapes: [[2, 5, 6, 3]],
      compute: (x) => tf.maxPool(as4(x), 3, 2, 'same'),
    },
    {
      name: 'avgPool',
      shapes: [[2, 5, 6, 3]],
      compute: (x) => tf.avgPool(as4(x), 2, 2, 'valid'),
    },
    {
      name: 'batch matMul',
      shapes: [
        [3, 2, 4],
        [3, 5, 4],
      ],
      compute: (x, y) => tf.matMul(x, y, false, true),
    },
    {
      name: 'conv2d with a stride',
      shapes: [
        [2, 7, 6, 2],
        [3, 3, 2, 4],
      ],
      compute: (x, w) => tf.conv2d(as4(x), as4(w), 2, 'same'),
    },
    {
      name: 'depthwiseConv2d',
      shapes: [
        [2, 7, 6, 2],
        [3, 3, 2, 2],
      ],
      compute: (x, w) => tf.depthwiseConv2d(as4(x), as4(w), 1, 'same'),
    },
    {
      name: 'conv2dTranspose',
      shapes: [
        [2, 3, 4, 3],
        [3, 3, 2, 3],
      ],
      compute: (x, w) => tf.conv2dTranspose(as4(x), as4(w), [2, 6, 8, 2], 2, 'same'),
    },
    {
      name: 'conv2d with bias and relu',
      shapes: [[2, 6, 6, 2], [3, 3, 2, 4], [4]],
      compute: (x, w, b) => tf.relu(tf.add(tf.conv2d(as4(x), as4(w), 1, 'same'), b)),
    },
    {
      name: 'reshape to equal sides',
      shapes: [[2, 8]],
      compute: (x) => tf.reshape(tf.tile(tf.reshape(x, [4, 4]), [2, 2]), [8, 8]),
    },
    {
      name: 'transpose and slice',
      shapes: [[2, 3, 4]],
      compute: (x) => tf.slice(tf.transpose(x, [2, 0, 1]), [1, 0, 1], [2, 2, 2]),
    },
    {
      name: 'stridedSlice and reverse',
      shapes: [[5, 4]],
      compute: (x) => [tf.stridedSlice(x, [0, 1], [5, 4], [2, 2]), tf.reverse(x, 1)],
      gradients: false,
    },
    {
      name: 'moments',
      shapes: [[2, 3, 4]],
      compute: (x) => {
        const { mean, variance } = tf.moments(x, [1, 2], true);
        return [mean, variance];
      },
    },
    {
      name: 'softmax',
      shapes: [[3, 4]],
      compute: (x) => [tf.softmax(x), tf.logSoftmax(x), tf.logSumExp(x, 1)],
    },
    {
      name: 'resizeBilinear',
      shapes: [[1, 3, 4, 2]],
      compute: (x) => tf.image.resizeBilinear(as4(x), [6, 7]),
    },
    {
      name: 'fused conv2d',
      shapes: [[2, 6, 6, 2], [3, 3, 2, 4], [4]],
      compute: (x, w, b) =>
        tf.fused.conv2d({
          x: as4(x),
          filter: as4(w),
          strides: 1,
          pad: 'same',
          bias: b,
          activation: 'relu',
        }),
    },
    {
      name: 'pad, clip and prelu',
      shapes: [[2, 3], [3]],
      compute: (x, a) =>
        tf.pad(
          tf.clipByValue(tf.prelu(x, a), -1, 1),
          [
            [1, 0],
            [0, 2],
          ],
          0.5,
        ),
    },
    {
      name: 'elementwise functions',
      shapes: [[2, 3]],
      compute: (x) =>
        [tf.tanh, tf.sigmoid, tf.softplus, tf.square, tf.abs, tf.exp, tf.sin, tf.elu].map(
          (each): tf.Tensor => each(x),
        ),
    },
    {
      name: 'batchNorm',
      shapes: [[2, 3, 3, 4], [4], [4]],
      compute: (x, offset, scale) =>
        tf.batchNorm(as4(x), tf.zeros([4]), tf.fill([4], 2), as1(offset), as1(scale), 1e-3),
    },
  ];

  for (const { name, shapes, compute, gradients = true } of cases) {
    const what = gradients ? ' and its gradients compute' : ' computes';
    it(`${name}${what} what they do uncompiled`, async () => {
      const step: Step = (inputs) => {
        const given = Object.values(inputs);
        const list = (...each: readonly tf.Tensor[]): readonly tf.Tensor[] => {
          const y = compute(...each);
          return y instanceof tf.Tensor ? [y] : y;
        };
        const results = [...list(...given)];
        if (gradients) {
          // Each element with a weight of its own, so that none can take another's place.
          const weighted = (y: tf.Tensor): tf.Scalar =>
            tf.sum(tf.mul(y, tf.reshape(tf.range(1, y.size + 1), y.shape)));
          const scalar = (...each: tf.Tensor[]): tf.Scalar => tf.addN(list(...each).map(weighted));
          results.push(...tf.grads(scalar)(given));
        }
        return Object.fromEntries(results.map((result, i) => [`result ${i}`, result]));
      };
      const inputs = Object.fromEntries(
        shapes.map((shape, i) => [`input ${i}`, normal(shape, name, i)]),
      );
      const actual = await made(step).run(inputs);
      const expected = tf.tidy(() => step(inputs) as tf.NamedTensorMap);
      expect(Object.keys(actual)).toEqual(Object.keys(expected));
      for (const [key, tensor] of Object.entries(expected)) {
        expect(actual[key]!.shape).toEqual(tensor.shape);
        expect(actual[key]!.dtype).toBe(tensor.dtype);
        const error = difference(valuesOf(actual[key]!), valuesOf(tensor));
        expect(error).toBeLessThan(FLOAT32_REDUCTION);
      }
      tf.dispose([inputs, actual, expected]);
    });
  }
});
