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
  readonly id: number;
  /** TensorFlow's number of it. */
  readonly dtype: number;
  /** -1 where TensorFlow cannot tell a size before the graph runs. */
  readonly shape: readonly number[];
}

/** An operation that was added to a graph. */
export interface GraphOperation {
  readonly operation: number;
  readonly outputs: readonly GraphTensor[];
}

/** What {@link GraphAddon.add} adds. */
export interface OperationSpec {
  readonly type: string;
  /** Unique in the graph. */
  readonly name: string;
  /** Tensors by id; a list where the operation's argument is a list. */
  readonly inputs: readonly (number | readonly number[])[];
  readonly attributes: readonly OperationAttribute[];
  /** Operations that run before this one. */
  readonly after: readonly number[];
  /** Empty: TensorFlow chooses. */
  readonly device: string;
}

/** Numbers for a tensor of a graph. */
export interface GraphFeed {
  readonly id: number;
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly values: ArrayBufferView;
}

/** Numbers that a run returned. */
export interface GraphValues {
  readonly dtype: number;
  readonly shape: readonly number[];
  /** Float32Array, Int32Array, BigInt64Array, or bytes for every other type. */
  readonly values: Float32Array | Int32Array | Uint8Array;
}

type RunArguments = readonly [
  graph: GraphHandle,
  feeds: readonly GraphFeed[],
  fetches: readonly number[],
  targets: readonly number[],
];

/** The functions of `addon/graph.cc`. They throw `Error` with TensorFlow's own message. */
export interface GraphAddon {
  create(config: Uint8Array): GraphHandle;
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
  run(...given: RunArguments): Promise<readonly GraphValues[]>;
  runSync(...given: RunArguments): readonly GraphValues[];
}

/** Loads the addon of an installed engine. */
export function loadGraphAddon(folder: string): GraphAddon {
  return createRequire(import.meta.url)(join(folder, graphAddonFile())) as GraphAddon;
}
