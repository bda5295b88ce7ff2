import * as tf from '@tensorflow/tfjs';
import { OptionsError, ShapeError } from '@janus/core';
import { callerLine, here } from '../caller-line.js';
import type { GraphTensor } from '../native/graph-addon.js';
import type { DataId, JanusBackend } from '../native/native-backend.js';
import { ATTRIBUTE, DATA_TYPE, dataTypeOf } from '../native/tensorflow-types.js';
import type { GraphSession } from './graph-session.js';

/** Something that a step did, to compare two traces by. */
export interface TracedAct {
  /** What it was, without anything that belongs to one graph. */
  readonly key: string;
  /** Where it was; see {@link callerLine}. */
  readonly place: Error;
}

/** The tensors of a step that is recorded, and the places in the graph that they stand for. */
export interface TracedTensors {
  /** All that the step did so far, in its order. */
  readonly acts: readonly TracedAct[];
  /** Notes what the step did, and the tensors that it made by it. */
  readonly did: (what: string, outputs: readonly GraphTensor[], place?: Error) => void;
  /** Returns names of tensors that are the same in each trace. */
  readonly labelsOf: (given: readonly GraphTensor[]) => string;
  /** Returns a tensor without numbers. @throws ShapeError when its shape is not known */
  readonly tensorOf: (node: GraphTensor, dtype: tf.DataType) => tf.Tensor;
  /** Returns a tensor's place. @throws OptionsError when it was made outside the step */
  readonly nodeOf: (tensor: tf.TensorInfo) => GraphTensor;
  /** Says what data stands for from here on. */
  readonly setNode: (dataId: DataId, node: GraphTensor) => void;
  /** Hears of numbers that the step makes. */
  readonly wrote: (dataId: DataId, place: Error) => void;
  /** Returns the tensor in another type; casts once. */
  readonly cast: (node: GraphTensor, dtype: number) => GraphTensor;
}

/** What {@link traceTensors} needs. */
interface TraceTensorsOptions {
  readonly session: GraphSession;
  readonly backend: JanusBackend;
  /** Returns the value of the variable that has the data, if one has. */
  readonly variableValue: (dataId: DataId) => GraphTensor | undefined;
}

/** Numbers of more elements than this must come in as inputs; a palette or a mean is smaller. */
const MAX_CONSTANT = 256;

/** Begins the tensors of a recording. */
export function traceTensors(options: TraceTensorsOptions): TracedTensors {
  const { session, backend } = options;
  const nodes = new WeakMap<DataId, GraphTensor>();
  const fresh = new WeakMap<DataId, Error>(); // made in this step, and where
  const casts = new Map<string, GraphTensor>();
  const acts: TracedAct[] = [];
  const labels = new Map<number, string>(); // of tensors, the same in each trace

  const did = (what: string, outputs: readonly GraphTensor[], place = here()): void => {
    outputs.forEach(({ id }, i) => labels.set(id, `#${acts.length}:${i}`));
    acts.push({ key: what, place });
  };
  const labelsOf = (given: readonly GraphTensor[]): string =>
    given.map(({ id }) => labels.get(id) ?? '').join();

  const tensorOf = (node: GraphTensor, dtype: tf.DataType): tf.Tensor => {
    if (node.shape.includes(-1)) {
      throw new ShapeError(
        `compile: shapes must be known before a step runs, but an operation's is [${node.shape.join()}] (${callerLine()}). Do what depends on values outside the step.`,
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
        `compile: numbers made inside a step must be at most ${MAX_CONSTANT}, but ${callerLine(place)} makes ${numbers.length}. Hand them in as an input.`,
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
      `compile: a step may use its inputs and variables, but ${callerLine()} uses a tensor [${tensor.shape.join()}] made outside. Hand it in as an input, or make it a variable.`,
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
