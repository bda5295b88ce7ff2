import * as tf from '@tensorflow/tfjs';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { tensorOf, type Kernel } from './kernels.js';

/** For fewer elements a loop is faster than a call that copies memory. */
const SHORT_RUN = 16;

interface SliceAttributes {
  readonly begin: number | number[];
  readonly size: number | number[];
}

/**
 * Kernel `Slice`. tfjs's own (`plain`) first copies the whole input out of wasm's memory, however small
 * the slice; this one copies only the slice, within that memory.
 */
export function slice(plain: Kernel): Kernel {
  return (call) => {
    const x = tensorOf(call, 'x');
    if (x.dtype !== 'float32' && x.dtype !== 'int32') return plain(call);
    const { begin, size } = call.attrs as SliceAttributes;
    const [from = [], lengths = []] = tf.slice_util.parseSliceParams(x, begin, size);
    tf.slice_util.assertParamsValid(x, from, lengths);
    const backend = call.backend as BackendWasm;
    const out = backend.makeOutput(lengths, x.dtype);
    // both views are made after the output: when memory grows, older views become empty
    const source = backend.typedArrayFromHeap(x);
    const target = backend.typedArrayFromHeap(out);
    if (target.length > 0) copySlice({ shape: x.shape, from, lengths }, source, target);
    return out;
  };
}

interface Window {
  readonly shape: readonly number[];
  readonly from: readonly number[];
  readonly lengths: readonly number[];
}

type Numbers = ReturnType<BackendWasm['typedArrayFromHeap']>;

/** Copies run by run: all that is contiguous in memory, from the last axis that is cut. */
function copySlice({ shape, from, lengths }: Window, source: Numbers, target: Numbers): void {
  let cut = lengths.length - 1;
  while (cut > 0 && lengths[cut] === shape[cut]) cut--;
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)));
  let offset = from.reduce((sum, each, axis) => sum + each * (strides[axis] ?? 0), 0);
  const runs = {
    run: product(lengths.slice(cut)),
    count: cut === 0 ? 1 : (lengths[cut - 1] ?? 1),
    step: strides[cut - 1] ?? 0,
  };
  const outer = lengths.slice(0, Math.max(0, cut - 1));
  const position = outer.map(() => 0);
  for (let to = 0; to < target.length; to += runs.run * runs.count) {
    copyRuns({ numbers: source, offset }, { numbers: target, offset: to }, runs);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      const [length = 1, stride = 0] = [outer[axis], strides[axis]];
      const next = (position[axis] ?? 0) + 1;
      offset += stride;
      if (next < length) {
        position[axis] = next;
        break;
      }
      position[axis] = 0;
      offset -= length * stride;
    }
  }
}

interface Place {
  readonly numbers: Numbers;
  readonly offset: number;
}

/** Copies `count` runs of `run` numbers, whose starts are `step` numbers apart. */
function copyRuns(
  source: Place,
  target: Place,
  { run, count, step }: { readonly run: number; readonly count: number; readonly step: number },
): void {
  const [from, to] = [source.numbers, target.numbers];
  let [read, write] = [source.offset, target.offset];
  for (let i = 0; i < count; i++, read += step, write += run) {
    if (run >= SHORT_RUN) to.set(from.subarray(read, read + run), write);
    else for (let j = 0; j < run; j++) to[write + j] = from[read + j] ?? 0;
  }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((size, each) => size * each, 1);
}
