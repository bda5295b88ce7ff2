import { createRequire } from 'node:module';
import { join } from 'node:path';
import { graphAddonFile } from '../install/settings.js';
import type { OperationAttribute } from './tensorflow-types.js';

/** A graph and its session, held by the addon; opaque here. */
export interface GraphHandle {
  readonly graph: unique symbol;
}

/** One result of an operation in a graph. */
export interface GraphTensor {
  /** The addon's id, unique in the graph. */
  readonly id: number;
  /** TensorFlow's number of the type ({@link DATA_TYPE}). */
  readonly dtype: number;
  /** A size is -1 where TensorFlow cannot infer it before the graph runs. */
  readonly shape: readonly number[];
}

/** An operation in a graph. */
export interface GraphOperation {
  /** The addon's id, unique in the graph. */
  readonly operation: number;
  readonly outputs: readonly GraphTensor[];
}

/** The operation that {@link GraphAddon.add} adds. */
export interface OperationSpec {
  /** TensorFlow's name of the operation. */
  readonly type: string;
  /** Unique in the graph. */
  readonly name: string;
  /** Tensor ids; an array of them for an argument that is a list. */
  readonly inputs: readonly (number | readonly number[])[];
  readonly attributes: readonly OperationAttribute[];
  /** Ids of operations that must run first. */
  readonly after: readonly number[];
  /** TensorFlow's name of a device; empty lets TensorFlow choose. */
  readonly device: string;
}

/** Values for a tensor of a graph. */
export interface GraphFeed {
  /** The tensor's id. */
  readonly id: number;
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly values: ArrayBufferView;
}

/** Values that a run returned. */
export interface GraphValues {
  readonly dtype: number;
  readonly shape: readonly number[];
  /** For types other than float32 and int32: bytes, or a BigInt64Array for int64. */
  readonly values: Float32Array | Int32Array | Uint8Array;
}

type RunArguments = readonly [
  graph: GraphHandle,
  feeds: readonly GraphFeed[],
  fetches: readonly number[],
  targets: readonly number[],
];

/** The functions of `addon/graph.cc`. They throw `Error` with TensorFlow's message. */
export interface GraphAddon {
  /** @param config a serialized ConfigProto, empty for TensorFlow's defaults */
  create(config: Uint8Array): GraphHandle;
  /** Frees the session, its variables and the operations. */
  close(graph: GraphHandle): void;
  add(graph: GraphHandle, spec: OperationSpec): GraphOperation;
  constant(
    ...given: readonly [
      graph: GraphHandle,
      name: string,
      dtype: number,
      shape: readonly number[],
      values: ArrayBufferView,
    ]
  ): GraphOperation;
  /** Runs off JavaScript's thread; returns the fetched values, whose memory the arrays own. */
  run(...given: RunArguments): Promise<readonly GraphValues[]>;
  runSync(...given: RunArguments): readonly GraphValues[];
  /** Returns how many tensors are not freed yet, those behind JavaScript's arrays included. */
  liveTensors(): number;
  /** Returns whether TensorFlow computes with oneDNN. */
  computesWithOneDnn(): boolean;
}

/**
 * Loads the addon of an installed engine.
 *
 * @throws Error when it does not load
 */
export function loadGraphAddon(folder: string): GraphAddon {
  return createRequire(import.meta.url)(join(folder, graphAddonFile())) as GraphAddon;
}
