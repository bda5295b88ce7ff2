import * as tf from '@tensorflow/tfjs';
import { OptionsError } from '@janus/core';
import { callerLine, here, isRandomCall } from '../caller-line.js';
import type { GraphTensor } from '../native/graph-addon.js';
import type { JanusBackend, Recorder } from '../native/native-backend.js';
import { ATTRIBUTE, DATA_TYPE, dataTypeOf } from '../native/tensorflow-types.js';
import { castFor, type Precision } from '../precision.js';
import { withFrozenChance } from './frozen-chance.js';
import type { GraphSession, SessionVariable } from './graph-session.js';
import { firstOf, traceTensors, type TracedAct, type TracedTensors } from './trace-tensors.js';
import {
  replaceAssign,
  separateVariables,
  traceVariables,
  type AdamUpdate,
  type TracedVariables,
} from './trace-variables.js';

/** A recorded step: a part of a session's graph. */
export interface Trace {
  readonly inputs: Readonly<Record<string, GraphTensor>>;
  readonly outputs: Readonly<Record<string, TracedOutput>>;
  /** Ids of the operations that change variables. */
  readonly targets: readonly number[];
  /** The variables that it uses. */
  readonly variables: readonly SessionVariable[];
  /** The variables that it changes. */
  readonly writes: readonly SessionVariable[];
}

/** A named output of a step. */
export interface TracedOutput {
  readonly tensor: GraphTensor;
  /** The type that the step returned, whatever the graph computes in. */
  readonly dtype: tf.DataType;
}

/** Tensors by name. */
export type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** Options of {@link traceStep}. */
export interface TraceOptions {
  readonly session: GraphSession;
  readonly backend: JanusBackend;
  readonly precision: Precision;
  /** Give the names, shapes and dtypes of the step's inputs; their values are not read. */
  readonly inputs: NamedTensors;
}

/** Operations with an argument that is a list of tensors: groups their inputs accordingly. */
const LISTS: Readonly<
  Record<string, (ids: readonly number[]) => readonly (number | readonly number[])[]>
> = {
  ConcatV2: (ids) => [ids.slice(0, -1), ids[ids.length - 1] ?? 0],
  Pack: (ids) => [ids],
  AddN: (ids) => [ids],
  Einsum: (ids) => [ids],
};

/** Index of an output that only the operation's own gradient reads; TensorFlow does not infer its shape. */
const OPAQUE: Readonly<Record<string, number>> = { FusedBatchNormV3: 5 };

/** Operations that draw from TensorFlow's internal state, which a checkpoint cannot hold. */
const UNSEEDED = /^(Random|Multinomial|TruncatedNormal|ParameterizedTruncatedNormal)/;

/** The recorder of a step; `applyAdam` uses what it has besides {@link Recorder}. */
export interface StepRecorder extends Recorder {
  /** Records an update by Adam as one operation. */
  adam(update: AdamUpdate): void;
}

/**
 * Calls a step once with tensors that have shapes but no values, adds its operations to the session's
 * graph, and returns them, together with all that the step did, in order. Nothing is computed.
 *
 * @throws OptionsError when the step reads values, draws random numbers, leaves tensors behind, or uses
 * tensors that are neither inputs nor variables
 * @throws ShapeError when TensorFlow cannot infer a shape, or a variable is assigned another one
 */
export function traceStep(
  step: (inputs: NamedTensors) => NamedTensors,
  options: TraceOptions,
): { readonly trace: Trace; readonly acts: readonly TracedAct[] } {
  const { session, backend, precision } = options;
  const tensors: TracedTensors = traceTensors({
    session,
    backend,
    variableValue: (dataId) => variables.valueOf(dataId),
  });
  const variables: TracedVariables = traceVariables({ session, backend, tensors });
  const { acts, did, labelsOf, tensorOf, nodeOf, cast } = tensors;

  const recorder: StepRecorder = {
    execute: ({ type, attributes, inputs, count }) => {
      if (UNSEEDED.test(type)) {
        throw new OptionsError(
          `compile: random numbers in a step must come from a seed that is an input, but ${callerLine()} draws from TensorFlow's own state. Use dropoutMask, or pass the numbers as an input.`,
        );
      }
      const given = inputs.map(nodeOf);
      const plan = castFor(precision, { type, inputs: given, attributes });
      const ids = given.map((node, i) => cast(node, plan.inputs[i] ?? node.dtype).id);
      const { outputs } = session.add({
        type: plan.type,
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
          `compile: random numbers in a step must come from a seed that is an input, but ${callerLine(place)} draws them in JavaScript, which would freeze them. Use dropoutMask, or pass the numbers as an input.`,
        );
      }
      tensors.wrote(dataId, place);
    },
    refuseRead: () => {
      throw new OptionsError(
        `compile: a step must not read its tensors' values, but ${callerLine()} does. Use tf.where, or decide outside the step.`,
      );
    },
    adam: variables.adam,
  };

  const outputOf = (tensor: tf.Tensor): TracedOutput => {
    const { dtype } = tensor;
    const number = dataTypeOf(dtype);
    const node = cast(nodeOf(tensor), number);
    if (!Object.values(inputs).includes(node)) return { tensor: node, dtype };
    // A session cannot fetch a tensor that is fed.
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
  const restoreAssign = replaceAssign(variables.assign);
  backend.recorder = recorder;
  try {
    let outputs: Record<string, TracedOutput> = {};
    tf.tidy(() => {
      for (const [name, tensor] of Object.entries(options.inputs)) {
        const isBytes = backend.bytes.has(tensor.dataId);
        const dtype = dataTypeOf(tensor.dtype);
        const node = session.placeholder(isBytes ? DATA_TYPE.uint8 : dtype, tensor.shape);
        inputs[name] = node;
        did(`input ${name}`, [node]);
        placeholders[name] = tensorOf(cast(node, dtype), tensor.dtype);
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
        `compile: a step must leave no tensors behind, but leaves ${left}. Dispose them, or return them.`,
      );
    }
    const trace = {
      inputs,
      outputs,
      targets: [...new Set(variables.targets.values())],
      variables: [...variables.used.values()],
      writes: [...variables.writes.values()],
    };
    return { trace, acts };
  } finally {
    backend.recorder = undefined;
    restoreAssign();
    variables.restore();
  }
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
      throw new Error(
        `compile: an operation returns TensorFlow's type ${dtype}, which tfjs does not have`,
      );
  }
}
