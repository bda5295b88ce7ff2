import * as tf from '@tensorflow/tfjs';
import { OptionsError } from '@janus/core';
import { checkBfloat16 } from './bfloat16.js';
import { callerLine } from './caller-line.js';
import {
  compileEagerly,
  type CompiledStep,
  type CompileOptions,
  type Execution,
  type TensorsOf,
} from './compile-eagerly.js';
import { openSession, type GraphSession } from './graph/graph-session.js';
import type { TracedAct } from './graph/trace-tensors.js';
import { traceStep, type NamedTensors, type Trace } from './graph/trace.js';
import type { GraphFeed, GraphValues } from './native/graph-addon.js';
import { nativeBackend, type JanusBackend } from './native/native-backend.js';
import { graphAddon } from './native/native.js';

/**
 * Makes a step fast: on the `tensorflow` engine its operations become a graph that runs in one call,
 * off JavaScript's thread; on the other engines it stays the function that it is.
 *
 * A step is a function from named tensors to named tensors, and may read and assign `tf.Variable`s,
 * an optimizer's among them. It is recorded the first time it sees inputs of certain shapes and dtypes
 * (a smaller last batch gets a graph of its own, with the same variables), by calling it with tensors
 * that have no values. So it must not look at values, rely on being called once per step, or make
 * numbers in JavaScript that should differ from step to step: a learning rate, a seed and a random
 * mask are inputs. Each of these is an error that names the line; none becomes a frozen value.
 *
 * Variables mean the same outside: reading one, or computing with it, shows what the steps made of
 * it, and the next step sees what was assigned to it.
 *
 * @throws OptionsError when an eager step asks for another precision than float32
 * @throws EnvironmentError when `precision` is `bfloat16` and the hardware would have to emulate it
 */
export function compile<Inputs extends TensorsOf<Inputs>, Outputs extends TensorsOf<Outputs>>(
  step: (inputs: Inputs) => Outputs,
  options: CompileOptions = {},
): CompiledStep<Inputs, Outputs> {
  const { precision = 'float32', emulateBfloat16 = false, ownSession = false } = options;
  const { execution = 'graph' } = options;
  if (execution === 'eager' || tf.getBackend() !== 'tensorflow')
    return compileEagerly(step, options);
  if (precision === 'bfloat16' && !emulateBfloat16) checkBfloat16();
  const backend = nativeBackend();
  const addon = graphAddon();
  const untyped = step as unknown as (inputs: NamedTensors) => NamedTensors;
  const traces = new Map<string, Trace>();
  let session: GraphSession | undefined = ownSession
    ? openSession(addon, backend, execution)
    : sharedSession(backend, execution);

  const traceOf = (inputs: NamedTensors, open: GraphSession): Trace => {
    const signature = Object.entries(inputs)
      .map(([name, { dataId, dtype, shape }]) => {
        const type = backend.bytes.has(dataId) ? 'bytes' : dtype;
        return `${name}: ${type} [${shape.join()}]`;
      })
      .join('; ');
    const known = traces.get(signature);
    if (known !== undefined) return known;
    nativeBackend(); // throws when the engine was changed: no other backend can record
    // Recorded twice and compared: what differs between two calls would be frozen.
    const trial = openSession(addon, backend, execution);
    try {
      const common = { backend, precision, inputs };
      const tried = traceStep(untyped, { ...common, session: trial });
      const { trace, acts } = traceStep(untyped, { ...common, session: open });
      checkSame(tried.acts, acts);
      traces.set(signature, trace);
      return trace;
    } finally {
      trial.close();
    }
  };

  return {
    run: async (inputs) => {
      if (session === undefined) {
        throw new OptionsError(
          'compile: a step must not run after its dispose(). Compile it again.',
        );
      }
      const trace = traceOf(inputs, session);
      const names = Object.keys(trace.outputs);
      const values = await session.run({
        feeds: feedsOf(trace, { inputs, backend }),
        fetches: names.map((name) => trace.outputs[name]?.tensor.id ?? -1),
        targets: trace.targets,
        variables: trace.variables,
        writes: trace.writes,
      });
      return Object.fromEntries(
        names.map((name, i) => [name, tensorFrom(values[i], trace.outputs[name]?.dtype)]),
      ) as unknown as Outputs;
    },
    signatures: () => traces.size,
    dispose: () => {
      if (session === undefined) return;
      if (ownSession) session.close();
      else releaseSession(execution);
      session = undefined;
      traces.clear();
    },
  };
}

function feedsOf(
  trace: Trace,
  { inputs, backend }: { readonly inputs: NamedTensors; readonly backend: JanusBackend },
): GraphFeed[] {
  return Object.entries(trace.inputs).map(([name, { id, dtype }]) => {
    const tensor = inputs[name];
    if (tensor === undefined) throw new Error(`no input ${name}`);
    return {
      id,
      dtype,
      shape: tensor.shape,
      values: backend.bytes.get(tensor.dataId) ?? tensor.dataSync<'float32'>(),
    };
  });
}

function tensorFrom(value: GraphValues | undefined, dtype: tf.DataType | undefined): tf.Tensor {
  if (value === undefined || dtype === undefined) throw new Error('a run returned too few values');
  return tf.tensor(value.values, [...value.shape], dtype);
}

function checkSame(first: readonly TracedAct[], second: readonly TracedAct[]): void {
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    const [a, b] = [first[i], second[i]];
    if (a?.key === b?.key) continue;
    const line = callerLine((b ?? a)?.place);
    throw new OptionsError(
      `compile: numbers and operations of a step must be the same at every call, but those at ${line} differ. Pass changing numbers as inputs, and compile one step per variant.`,
    );
  }
}

const shared = new Map<Execution, { readonly session: GraphSession; users: number }>();

/** Returns the process's session for an execution: compiled steps share variables only within one. */
function sharedSession(
  backend: JanusBackend,
  execution: Exclude<Execution, 'eager'>,
): GraphSession {
  const known = shared.get(execution);
  const each = known ?? { session: openSession(graphAddon(), backend, execution), users: 0 };
  shared.set(execution, each);
  each.users++;
  return each.session;
}

function releaseSession(execution: Execution): void {
  const each = shared.get(execution);
  if (each === undefined || --each.users > 0) return;
  each.session.close();
  shared.delete(execution);
}
