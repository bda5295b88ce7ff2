import * as tf from '@tensorflow/tfjs';
import { OptionsError } from '@janus/core';
import { checkBfloat16 } from './bfloat16.js';
import { callerLine } from './caller-line.js';
import { openSession, type GraphSession } from './graph/graph-session.js';
import type { TracedAct } from './graph/trace-tensors.js';
import { traceStep, type NamedTensors, type Trace } from './graph/trace.js';
import type { GraphFeed, GraphValues } from './native/graph-addon.js';
import { nativeBackend, type JanusBackend } from './native/native-backend.js';
import { graphAddon } from './native/native.js';
import type { Precision } from './precision.js';

/** Options of {@link compile}. */
export interface CompileOptions {
  /**
   * Default `float32`. `bfloat16` is for processors that compute with it; other engines than
   * `tensorflow` stay with float32.
   */
  readonly precision?: Precision;
  /** Takes `bfloat16` also where the processor has to emulate it, slowly; default false. */
  readonly emulateBfloat16?: boolean;
  /**
   * Gives it a session of its own, freed by its `dispose()` whatever else is compiled: for
   * predictions that come and go. Default false: a session with all others, whose variables cost
   * nothing to share.
   */
  readonly ownSession?: boolean;
  /** Default `graph`. */
  readonly execution?: Execution;
}

/**
 * How a step runs on the `tensorflow` engine. `graph`: as a graph that TensorFlow rewrites to be
 * faster, which can change a last digit. `verbatim`: as the graph that was recorded, whose numbers in
 * float32 are those of the step uncompiled, bit for bit. `eager`: uncompiled and in float32, to
 * compare with or to look at tensors inside it. Other engines run every step uncompiled.
 */
export type Execution = 'graph' | 'verbatim' | 'eager';

/** Tensors under the names of `T`. */
type TensorsOf<T> = Readonly<Record<keyof T, tf.Tensor>>;

/** A step that was made ready. */
export interface CompiledStep<
  Inputs extends TensorsOf<Inputs>,
  Outputs extends TensorsOf<Outputs>,
> {
  /**
   * Does one step. Steps that share variables wait for each other in the order of the calls.
   *
   * @returns the step's outputs, which the caller disposes; the inputs stay the caller's
   * @throws OptionsError when the step cannot be compiled (see {@link compile})
   */
  run(inputs: Inputs): Promise<Outputs>;
  /** How many graphs there are: one for each combination of input shapes and types so far. */
  signatures(): number;
  /**
   * Ends it. When nothing compiled is left in the process, variables leave the session and its
   * memory is freed.
   */
  dispose(): void;
}

/**
 * Makes a step fast: on the `tensorflow` engine its operations become a graph that runs as one call
 * beside JavaScript's thread; on the other engines it stays the function that it is.
 *
 * A step is a function from named tensors to named tensors, and may read and assign `tf.Variable`s,
 * an optimizer's among them. It is recorded when it first sees inputs of certain shapes and types
 * (a smaller last batch has a graph of its own, and the same variables), by calling it with tensors
 * that have no values; so it must not look at values, count on being called once a step, or make
 * numbers in JavaScript that should differ from step to step: a learning rate, a seed, a random mask
 * are inputs. Each of these is an error that names the line, and none a frozen value.
 *
 * Variables keep their meaning outside: reading one, or computing with it, shows what the steps made
 * of it; assigning to it is seen by the next step.
 *
 * @throws OptionsError when `precision` is `bfloat16` on a processor without it, or of an eager step
 */
export function compile<Inputs extends TensorsOf<Inputs>, Outputs extends TensorsOf<Outputs>>(
  step: (inputs: Inputs) => Outputs,
  options: CompileOptions = {},
): CompiledStep<Inputs, Outputs> {
  const { precision = 'float32', emulateBfloat16 = false, ownSession = false } = options;
  const { execution = 'graph' } = options;
  if (execution === 'eager' && precision !== 'float32') {
    throw new OptionsError(
      `compile: an eager step computes in float32, but got ${precision}. Take float32, or compile it.`,
    );
  }
  if (execution === 'eager' || tf.getBackend() !== 'tensorflow') return uncompiled(step);
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
      .map(([name, { dtype, shape }]) => `${name}: ${dtype} [${shape.join()}]`)
      .join('; ');
    const known = traces.get(signature);
    if (known !== undefined) return known;
    nativeBackend(); // no other can be recorded
    // Once for comparison: what differs between two calls would be frozen.
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
        feeds: feedsOf(trace, inputs),
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

/** A step on an engine that has no graphs. */
function uncompiled<Inputs extends TensorsOf<Inputs>, Outputs extends TensorsOf<Outputs>>(
  step: (inputs: Inputs) => Outputs,
): CompiledStep<Inputs, Outputs> {
  return {
    run: (inputs) =>
      Promise.resolve().then(
        () =>
          tf.tidy(() => {
            // Clones: an output may be an input or a variable, and is the caller's to dispose.
            const outputs = Object.entries<tf.Tensor>(step(inputs));
            return Object.fromEntries(outputs.map(([name, tensor]) => [name, tensor.clone()]));
          }) as unknown as Outputs,
      ),
    signatures: () => 0,
    dispose: () => undefined,
  };
}

function feedsOf(trace: Trace, inputs: NamedTensors): GraphFeed[] {
  return Object.entries(trace.inputs).map(([name, { id, dtype }]) => {
    const tensor = inputs[name];
    if (tensor === undefined) throw new Error(`no input ${name}`);
    return {
      id,
      dtype,
      shape: tensor.shape,
      values: tensor.dataSync<'float32'>(),
    };
  });
}

function tensorFrom(value: GraphValues | undefined, dtype: tf.DataType | undefined): tf.Tensor {
  if (value === undefined || dtype === undefined) throw new Error('a run returned too little');
  return tf.tensor(value.values, [...value.shape], dtype);
}

function checkSame(first: readonly TracedAct[], second: readonly TracedAct[]): void {
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    const [a, b] = [first[i], second[i]];
    if (a?.key === b?.key) continue;
    const line = callerLine((b ?? a)?.place);
    throw new OptionsError(
      `compile: numbers and operations of a step must be the same at every call, but ${line} has others each time. Hand in numbers as an input, and make a step for each way.`,
    );
  }
}

const shared = new Map<Execution, { readonly session: GraphSession; users: number }>();

/** One session for the process and each execution: only in it do compiled steps share variables. */
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
