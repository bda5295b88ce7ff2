import * as tf from '@tensorflow/tfjs';
import { OptionsError, ShapeError } from '@janus/core';
import { ATTRIBUTE, DATA_TYPE, type GraphTensor } from './graph-addon.js';
import { dataTypeOf, type GraphSession, type SessionVariable } from './graph-session.js';
import type { DataId, JanusBackend, Recorder } from './native-backend.js';
import { castFor, type Precision } from './precision.js';
import { withFrozenChance } from './frozen-chance.js';
import { callerLine, here, isRandomCall } from './caller-line.js';

/** A step as a part of a session's graph. */
export interface Trace {
  readonly inputs: Readonly<Record<string, GraphTensor>>;
  readonly outputs: Readonly<Record<string, TracedOutput>>;
  /** Operations that change variables. */
  readonly targets: readonly number[];
  readonly variables: readonly SessionVariable[];
  readonly writes: readonly SessionVariable[];
}

/** What a step returned under a name. */
export interface TracedOutput {
  readonly tensor: GraphTensor;
  readonly dtype: tf.DataType;
}

/** Something that a step did, to compare two traces by. */
export interface TracedAct {
  /** What it was, without anything that belongs to one graph. */
  readonly key: string;
  /** Where it was; see {@link callerLine}. */
  readonly place: Error;
}

/** Tensors by name. */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** Options of {@link traceStep}. */
export interface TraceOptions {
  readonly session: GraphSession;
  readonly backend: JanusBackend;
  readonly precision: Precision;
  /** Whose shapes and types the inputs have. */
  readonly inputs: NamedTensors;
}

/** Numbers of more elements than this must come in as inputs; a palette or a mean is smaller. */
const MAX_CONSTANT = 256;

/** Operations whose first or last argument is a list of tensors: how many of the inputs it takes. */
const LISTS: Readonly<
  Record<string, (ids: readonly number[]) => readonly (number | readonly number[])[]>
> = {
  ConcatV2: (ids) => [ids.slice(0, -1), ids[ids.length - 1] ?? 0],
  Pack: (ids) => [ids],
  AddN: (ids) => [ids],
  Einsum: (ids) => [ids],
};

/** Outputs that only the operation's own gradient reads, and whose shape TensorFlow keeps to itself. */
const OPAQUE: Readonly<Record<string, number>> = { FusedBatchNormV3: 5 };

/** Operations that draw from a state of TensorFlow's own, which no checkpoint can hold. */
const UNSEEDED = /^(Random|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal)/;

/** An update of one variable by Adam; see {@link applyAdam}. */
export interface AdamUpdate {
  readonly variable: tf.Variable;
  readonly m: tf.Variable;
  readonly v: tf.Variable;
  readonly gradient: tf.Tensor;
  /** float32 scalar: the step size with the bias correction. */
  readonly size: tf.Tensor;
  /** float32 scalar: added to the root, with the bias correction. */
  readonly floor: tf.Tensor;
  readonly beta1: number;
  readonly beta2: number;
}

/** The recorder of a step: what {@link applyAdam} finds beside the backend's door. */
export interface StepRecorder extends Recorder {
  adam(update: AdamUpdate): void;
}

/**
 * Runs a step once with tensors that have shapes and no numbers, and returns the graph of its
 * operations, and all that it did in the order in which it did it. Nothing is computed.
 *
 * @throws OptionsError when the step reads values, draws random numbers, or takes tensors that are
 * neither inputs nor variables; ShapeError when TensorFlow cannot tell a shape
 */
export function traceStep(
  step: (inputs: NamedTensors) => NamedTensors,
  options: TraceOptions,
): { readonly trace: Trace; readonly acts: readonly TracedAct[] } {
  const { session, backend, precision } = options;
  const nodes = new WeakMap<DataId, GraphTensor>();
  const fresh = new WeakMap<DataId, Error>(); // made in this step, and where
  const variables = new Map<tf.Variable, SessionVariable>();
  const writes = new Map<tf.Variable, SessionVariable>();
  const originals = new Map<tf.Variable, DataId>();
  const targets = new Map<tf.Variable, number>();
  const last = new Map<tf.Variable, number>(); // operations that the next change comes after
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

  const variableOf = (dataId: DataId): tf.Variable | undefined =>
    Object.values(tf.engine().registeredVariables).find((each) => each.dataId === dataId);

  const enter = (variable: tf.Variable): SessionVariable => {
    const known = variables.get(variable);
    if (known !== undefined) return known;
    const place = session.place(variable);
    variables.set(variable, place);
    last.set(variable, place.read);
    nodes.set(variable.dataId, place.value);
    did(`variable ${variable.id}`, [place.value]);
    return place;
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
    const variable = variableOf(dataId);
    if (variable !== undefined) return enter(variable).value;
    throw new OptionsError(
      `compile: a step may use its inputs and variables, but ${callerLine()} uses a tensor [${tensor.shape.join()}] made outside. Hand it in as an input, or make it a variable.`,
    );
  };

  /** Gives a variable another value for the rest of the step. */
  const change = (variable: tf.Variable, node: GraphTensor): void => {
    if (!originals.has(variable)) originals.set(variable, variable.dataId);
    // Clones of the old value go on showing it.
    const dataId = {};
    const { shape, dtype } = variable;
    const record = { shape, dtype: dataTypeOf(dtype), id: -1, values: null, refCount: 1 };
    backend.tensorMap.set(dataId, record);
    nodes.set(dataId, node);
    variable.dataId = dataId;
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

  const assign = (variable: tf.Variable, value: tf.Tensor): void => {
    const place = enter(variable);
    if (value.shape.join() !== variable.shape.join() || value.dtype !== variable.dtype) {
      throw new ShapeError(
        `compile: ${variable.name} is ${variable.dtype} [${variable.shape.join()}], but ${callerLine()} assigns ${value.dtype} [${value.shape.join()}]. A variable keeps its shape.`,
      );
    }
    const dtype = dataTypeOf(variable.dtype);
    const node = cast(nodeOf(value), dtype);
    const { operation } = session.add({
      type: 'AssignVariableOp',
      inputs: [place.resource.id, node.id],
      attributes: [{ name: 'dtype', type: ATTRIBUTE.type, value: dtype }],
      after: [last.get(variable) ?? place.read],
    });
    did(`assign ${variable.id} ${labelsOf([node])}`, []);
    targets.set(variable, operation);
    last.set(variable, operation);
    writes.set(variable, place);
    change(variable, node);
  };

  const recorder: StepRecorder = {
    execute: ({ type, attributes, inputs, count }) => {
      if (UNSEEDED.test(type)) {
        throw new OptionsError(
          `compile: random numbers in a step must come from a seed that is an input, but ${callerLine()} draws from TensorFlow's own state. Use dropoutMask, or hand the numbers in.`,
        );
      }
      const given = inputs.map(nodeOf);
      const plan = castFor(precision, { type, inputs: given, attributes });
      const ids = given.map((node, i) => cast(node, plan.inputs[i] ?? node.dtype).id);
      const { outputs } = session.add({
        type,
        inputs: LISTS[type]?.(ids) ?? ids,
        attributes: plan.attributes,
      });
      did(`${type} ${labelsOf(given)} ${JSON.stringify(attributes)}`, outputs);
      return outputs.slice(0, count).map((node, i) => {
        const opaque = OPAQUE[type] === i;
        return tensorOf(opaque ? { ...node, shape: [0] } : node, tfjsTypeOf(node.dtype));
      });
    },
    wrote: (dataId) => {
      const place = here();
      if (isRandomCall(place)) {
        throw new OptionsError(
          `compile: random numbers in a step must come from a seed that is an input, but ${callerLine(place)} draws them in JavaScript, which would freeze them. Use dropoutMask, or hand them in.`,
        );
      }
      fresh.set(dataId, place);
    },
    refuseRead: () => {
      throw new OptionsError(
        `compile: a step must not look at its tensors' values, but ${callerLine()} does. Use tf.where, or decide outside the step.`,
      );
    },
    adam: (update) => {
      const places = [update.variable, update.m, update.v].map(enter);
      const scalar = (value: number): number =>
        session.constant({
          dtype: DATA_TYPE.float32,
          shape: [],
          values: Float32Array.of(value),
        }).id;
      const zero = scalar(0); // the corrections are in size and floor already
      const given = [update.size, update.floor, update.gradient].map((tensor) =>
        cast(nodeOf(tensor), DATA_TYPE.float32),
      );
      const [size, floor, gradient] = given.map(({ id }) => id) as [number, number, number];
      const { operation } = session.add({
        type: 'ResourceApplyAdam',
        inputs: [
          ...places.map(({ resource }) => resource.id),
          zero,
          zero,
          size,
          scalar(update.beta1),
          scalar(update.beta2),
          floor,
          gradient,
        ],
        attributes: [
          { name: 'T', type: ATTRIBUTE.type, value: DATA_TYPE.float32 },
          { name: 'use_locking', type: ATTRIBUTE.bool, value: false },
          { name: 'use_nesterov', type: ATTRIBUTE.bool, value: false },
        ],
        after: places.map(({ variable, read }) => last.get(variable) ?? read),
      });
      const ids = places.map(({ variable }) => variable.id);
      did(`Adam ${ids.join()} ${labelsOf(given)} ${update.beta1} ${update.beta2}`, []);
      for (const { variable, ...place } of places) {
        const read = session.add({
          type: 'ReadVariableOp',
          inputs: [place.resource.id],
          attributes: [{ name: 'dtype', type: ATTRIBUTE.type, value: DATA_TYPE.float32 }],
          after: [operation],
        });
        did(`read ${variable.id}`, read.outputs);
        targets.set(variable, operation);
        last.set(variable, read.operation);
        writes.set(variable, { variable, ...place });
        change(variable, firstOf(read.outputs));
      }
    },
  };

  const outputOf = (tensor: tf.Tensor): TracedOutput => {
    const { dtype } = tensor;
    const number = dataTypeOf(dtype);
    const node = cast(nodeOf(tensor), number);
    if (!Object.values(inputs).includes(node)) return { tensor: node, dtype };
    // A session refuses to fetch what it is fed.
    const { outputs } = session.add({
      type: 'Identity',
      inputs: [node.id],
      attributes: [{ name: 'T', type: ATTRIBUTE.type, value: number }],
    });
    return { tensor: firstOf(outputs), dtype };
  };

  const inputs: Record<string, GraphTensor> = {};
  const placeholders: Record<string, tf.Tensor> = {};
  separateVariables(backend);
  const before = tf.memory().numTensors;
  const restoreAssign = replaceAssign(assign);
  backend.recorder = recorder;
  try {
    let outputs: Record<string, TracedOutput> = {};
    tf.tidy(() => {
      for (const [name, tensor] of Object.entries(options.inputs)) {
        const node = session.placeholder(dataTypeOf(tensor.dtype), tensor.shape);
        inputs[name] = node;
        did(`input ${name}`, [node]);
        placeholders[name] = tensorOf(node, tensor.dtype);
      }
      const made = withFrozenChance(() => step(placeholders));
      outputs = Object.fromEntries(
        Object.entries(made).map(([name, tensor]) => {
          const output = outputOf(tensor);
          did(`output ${name} ${labelsOf([output.tensor])}`, []);
          return [name, output];
        }),
      );
    });
    const left = tf.memory().numTensors - before;
    if (left > 0) {
      throw new OptionsError(
        `compile: a step must leave no tensors behind, but leaves ${left}. Dispose what it keeps, or return it.`,
      );
    }
    const trace = {
      inputs,
      outputs,
      targets: [...new Set(targets.values())],
      variables: [...variables.values()],
      writes: [...writes.values()],
    };
    return { trace, acts };
  } finally {
    backend.recorder = undefined;
    restoreAssign();
    for (const [variable, dataId] of originals) {
      backend.tensorMap.delete(variable.dataId);
      variable.dataId = dataId;
    }
  }
}

/**
 * Gives each variable data of its own: a step knows a tensor by its data, and a clone of a variable,
 * or another variable made from it, must not be taken for it.
 */
function separateVariables(backend: JanusBackend): void {
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    if (backend.refCount(variable.dataId) <= 1) continue;
    tf.tidy(() => {
      const { shape, dtype } = variable;
      variable.assign(tf.tensor(variable.dataSync().slice(), shape, dtype));
    });
  }
}

function firstOf(tensors: readonly GraphTensor[]): GraphTensor {
  const [first] = tensors;
  if (first === undefined) throw new Error('an operation has no output');
  return first;
}

function tfjsTypeOf(dtype: number): tf.DataType {
  switch (dtype) {
    case DATA_TYPE.float32:
    case DATA_TYPE.bfloat16:
      return 'float32';
    case DATA_TYPE.int32:
    case DATA_TYPE.int64:
      return 'int32';
    case DATA_TYPE.bool:
      return 'bool';
    default:
      throw new Error(`compile: an operation returns TensorFlow's type ${dtype}, which tfjs lacks`);
  }
}

/** Lets assignments to variables be recorded; returns what undoes it. */
function replaceAssign(assign: (variable: tf.Variable, value: tf.Tensor) => void): () => void {
  const prototype = tf.Variable.prototype as {
    assign: (this: tf.Variable, value: tf.Tensor) => void;
  };
  const original = prototype.assign;
  prototype.assign = function (value) {
    assign(this, value);
  };
  return () => {
    prototype.assign = original;
  };
}
