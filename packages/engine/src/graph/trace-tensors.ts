import * as tf from '@tensorflow/tfjs';
import { OptionsError, ShapeError } from '@janus/core';
import { callerLine, here } from '../caller-line.js';
import type { GraphTensor } from '../native/graph-addon.js';
import type { DataId, JanusBackend } from '../native/native-backend.js';
import { ATTRIBUTE, DATA_TYPE, dataTypeOf } from '../native/tensorflow-types.js';
import type { GraphSession } from './graph-session.js';

/** One act of a step (an operation, an input, an assignment), to compare two recordings by. */
export interface TracedAct {
  /** Describes it without anything that differs between graphs. */
  readonly key: string;
  /** Where it happened; see {@link callerLine}. */
  readonly place: Error;
}

/** The tensors of a step that is recorded, and the tensors of the graph that they stand for. */
export interface TracedTensors {
  /** All that the step did so far, in order. */
  readonly acts: readonly TracedAct[];
  /** Notes an act of the step and the graph's tensors that it made. */
  readonly did: (what: string, outputs: readonly GraphTensor[], place?: Error) => void;
  /** Returns names of tensors, which are the same in every recording. */
  readonly labelsOf: (given: readonly GraphTensor[]) => string;
  /** Returns a tensor without values. @throws ShapeError when its shape is not known */
  readonly tensorOf: (node: GraphTensor, dtype: tf.DataType) => tf.Tensor;
  /** Returns the graph's tensor for one of tfjs. @throws OptionsError when it was made outside the step */
  readonly nodeOf: (tensor: tf.TensorInfo) => GraphTensor;
  /** Sets what a data id stands for from here on. */
  readonly setNode: (dataId: DataId, node: GraphTensor) => void;
  /** Notes that the step made values in JavaScript. */
  readonly wrote: (dataId: DataId, place: Error) => void;
  /** Returns the tensor in another type ({@link DATA_TYPE}); each is cast once. */
  readonly cast: (node: GraphTensor, dtype: number) => GraphTensor;
}

/** Options of {@link traceTensors}. */
interface TraceTensorsOptions {
  readonly session: GraphSession;
  readonly backend: JanusBackend;
  /** Returns the value of the variable with this data id; `undefined` when it is none's. */
  readonly variableValue: (dataId: DataId) => GraphTensor | undefined;
}

/** Larger arrays must be inputs; a palette or a mean is smaller. */
const MAX_CONSTANT = 256;

/** Starts a recording's table of tensors. */
export function traceTensors(options: TraceTensorsOptions): TracedTensors {
  const { session, backend } = options;
  const nodes = new WeakMap<DataId, GraphTensor>();
  const fresh = new WeakMap<DataId, Error>(); // values made in this step, and where
  const casts = new Map<string, GraphTensor>();
  const acts: TracedAct[] = [];
  const labels = new Map<number, string>(); // tensors' names, the same in every recording

  const did = (what: string, outputs: readonly GraphTensor[], place = here()): void => {
    outputs.forEach(({ id }, i) => labels.set(id, `#${acts.length}:${i}`));
    acts.push({ key: what, place });
  };
  const labelsOf = (given: readonly GraphTensor[]): string =>
    given.map(({ id }) => labels.get(id) ?? '').join();

  const tensorOf = (node: GraphTensor, dtype: tf.DataType): tf.Tensor => {
    if (node.shape.includes(-1)) {
      throw new ShapeError(
        `compile: shapes must be known before a step runs, but an operation's is [${node.shape.join()}] (${callerLine()}). Compute what depends on values outside the step.`,
      );
    }
    const dataId = {};
    const shape = [...node.shape];
    backend.tensorMap.set(dataId, {
      shape,
      dtype: dataTypeOf(dtype),
      id: -1,
      values: null,
      refCount: 1,
    });
    nodes.set(dataId, node);
    return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype });
  };

  const constantOf = (dataId: DataId, place: Error): GraphTensor => {
    const { shape, dtype, values } = backend.tensorMap.get(dataId);
    const numbers = values as Float32Array | Int32Array | Uint8Array;
    const first = numbers[0];
    const uniform = numbers.length > 1 && numbers.every((value) => value === first);
    if (!uniform && numbers.length > MAX_CONSTANT) {
      throw new OptionsError(
        `compile: numbers made inside a step must be at most ${MAX_CONSTANT}, but ${callerLine(place)} makes ${numbers.length}. Pass them as an input.`,
      );
    }
    const kept = uniform ? numbers.slice(0, 1) : numbers;
    const what = `numbers ${dtype} [${shape.join()}] ${kept.join()}`;
    if (!uniform) {
      const made = session.constant({ dtype, shape, values: kept });
      did(what, [made], place);
      return made;
    }
    const value = session.constant({ dtype, shape: [], values: kept });
    const dims = session.constant({
      dtype: DATA_TYPE.int32,
      shape: [shape.length],
      values: Int32Array.from(shape),
    });
    const { outputs } = session.add({ type: 'Fill', inputs: [dims.id, value.id] });
    did(what, outputs, place);
    return { ...firstOf(outputs), shape };
  };

  const nodeOf = (tensor: tf.TensorInfo): GraphTensor => {
    const { valueArray } = tensor as { valueArray?: Int32Array };
    if (valueArray !== undefined) {
      return session.constant({ dtype: DATA_TYPE.int64, shape: [], values: valueArray });
    }
    const dataId = tensor.dataId;
    const known = nodes.get(dataId);
    if (known !== undefined) return known;
    const place = fresh.get(dataId);
    if (place !== undefined) {
      const node = constantOf(dataId, place);
      nodes.set(dataId, node);
      return node;
    }
    const value = options.variableValue(dataId);
    if (value !== undefined) return value;
    throw new OptionsError(
      `compile: a step may use its inputs and variables, but ${callerLine()} uses a tensor [${tensor.shape.join()}] made outside. Pass it as an input, or make it a variable.`,
    );
  };

  const cast = (node: GraphTensor, dtype: number): GraphTensor => {
    if (node.dtype === dtype) return node;
    const key = `${node.id} ${dtype}`;
    const known = casts.get(key);
    if (known !== undefined) return known;
    const { outputs } = session.add({
      type: 'Cast',
      inputs: [node.id],
      attributes: [
        { name: 'SrcT', type: ATTRIBUTE.type, value: node.dtype },
        { name: 'DstT', type: ATTRIBUTE.type, value: dtype },
      ],
    });
    const made = firstOf(outputs);
    labels.set(made.id, labelsOf([node]));
    casts.set(key, made);
    return made;
  };

  return {
    acts,
    did,
    labelsOf,
    tensorOf,
    nodeOf,
    cast,
    setNode: (dataId, node) => {
      nodes.set(dataId, node);
    },
    wrote: (dataId, place) => {
      fresh.set(dataId, place);
    },
  };
}

/** Returns an operation's first result. */
export function firstOf(tensors: readonly GraphTensor[]): GraphTensor {
  const [first] = tensors;
  if (first === undefined) throw new Error('an operation has no output');
  return first;
}
