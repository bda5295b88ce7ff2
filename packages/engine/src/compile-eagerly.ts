import * as tf from '@tensorflow/tfjs';
import { OptionsError } from '@janus/core';
import type { Precision } from './precision.js';

/** Options of `compileEagerly` and of `compile`. */
export interface CompileOptions {
  /**
   * Default `float32`. `bfloat16` is for hardware that computes with it; engines other than
   * `tensorflow` compute in float32 whatever it says.
   */
  readonly precision?: Precision;
  /** Accept `bfloat16` even where the hardware has to emulate it, which is slow; default false. */
  readonly emulateBfloat16?: boolean;
  /**
   * Give the step a session of its own, which its `dispose()` frees whatever else is compiled: for
   * predictions that come and go. Default false: one session for all steps, which can then share
   * variables at no cost.
   */
  readonly ownSession?: boolean;
  /** Default `graph`, the fastest. */
  readonly execution?: Execution;
}

/**
 * How a step runs on the `tensorflow` engine. `graph`: as a graph that TensorFlow rewrites to be
 * faster, which can change a last digit. `verbatim`: as the graph that was recorded, whose float32
 * results equal those of the uncompiled step bit for bit. `eager`: uncompiled and in float32, to
 * compare with or to look at tensors inside it. Other engines run every step uncompiled.
 */
export type Execution = 'graph' | 'verbatim' | 'eager';

/** Tensors under the names of `T`. */
export type TensorsOf<T> = Readonly<Record<keyof T, tf.Tensor>>;

/** A step that is ready to run. */
export interface CompiledStep<
  Inputs extends TensorsOf<Inputs>,
  Outputs extends TensorsOf<Outputs>,
> {
  /**
   * Runs the step once. Steps that share variables run in the order of the calls.
   *
   * @returns the step's outputs, which the caller disposes; the inputs stay the caller's
   * @throws OptionsError or ShapeError when the step cannot be compiled (see `compile`)
   * @throws EnvironmentError when another engine is in use than when it was compiled
   */
  run(inputs: Inputs): Promise<Outputs>;
  /** Returns the number of graphs so far, one per combination of input shapes and dtypes. */
  signatures(): number;
  /**
   * Ends the step. When the process has no other compiled step, variables leave the session and its
   * memory is freed.
   */
  dispose(): void;
}

/**
 * Wraps a step to run as the function that it is, in float32: what `compile` does on every engine
 * but `tensorflow`, and all it does in a browser.
 *
 * @throws OptionsError when `execution` is `eager` and `precision` is not `float32`
 */
export function compileEagerly<
  Inputs extends TensorsOf<Inputs>,
  Outputs extends TensorsOf<Outputs>,
>(
  step: (inputs: Inputs) => Outputs,
  { precision = 'float32', execution }: CompileOptions = {},
): CompiledStep<Inputs, Outputs> {
  if (execution === 'eager' && precision !== 'float32') {
    throw new OptionsError(
      `compile: an eager step must compute in float32, but got precision ${precision}. Use float32, or another execution.`,
    );
  }
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

/** Returns the precision of every step that `compileEagerly` wraps, whatever is asked for. */
export const resolveEagerPrecision: (asked: Precision) => Precision = () => 'float32';
