import * as tf from '@tensorflow/tfjs';
import { EnvironmentError, OptionsError } from '@janus/core';
import { callerLine } from '../caller-line.js';
import type { OperationAttribute } from './tensorflow-types.js';

/** tfjs's key of a tensor's values: any object, compared by identity. */
export type DataId = object;

/** What the native backend stores per tensor. */
export interface TensorRecord {
  readonly shape: readonly number[];
  /** TensorFlow's number of the type ({@link DATA_TYPE}). */
  readonly dtype: number;
  /** The addon's id of the tensor; negative while it has none. */
  id: number;
  /** Values that TensorFlow does not have yet. */
  values: ArrayBufferView | null;
  refCount: number;
}

/** The members of tfjs-node's addon that Janus uses directly. */
export interface NativeBinding {
  readonly TF_Version: string;
  readonly TF_ATTR_TYPE: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  deleteTensor(id: number): void;
  isUsingGpuDevice(): boolean;
}

/** The members of tfjs-node's backend that kernels and Janus use. */
export interface NodeBackend extends tf.KernelBackend {
  readonly binding: NativeBinding;
  readonly tensorMap: {
    get(dataId: DataId): TensorRecord;
    has(dataId: DataId): boolean;
    set(dataId: DataId, record: TensorRecord): void;
    delete(dataId: DataId): boolean;
  };
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  executeSingleOutput(
    name: string,
    attributes: readonly OperationAttribute[],
    inputs: readonly tf.TensorInfo[],
  ): tf.Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly OperationAttribute[],
    inputs: readonly tf.TensorInfo[],
    count: number,
  ): tf.Tensor[];
}

/** Stands in for computation while a step is recorded. */
export interface Recorder {
  /** Adds an operation to the graph; returns tensors without values. */
  execute(operation: {
    readonly type: string;
    readonly attributes: readonly OperationAttribute[];
    readonly inputs: readonly tf.TensorInfo[];
    readonly count: number;
  }): tf.Tensor[];
  /** Called for values that JavaScript makes. */
  wrote(dataId: DataId): void;
  /** Throws: a step's tensors have no values while it is recorded. */
  refuseRead(): never;
}

/** tfjs-node's backend, extended by a recorder and by variables that live in a session. */
export interface JanusBackend extends NodeBackend {
  /** Set only while a step is recorded. */
  recorder: Recorder | undefined;
  /** By data id: fetches the values of a variable whose newest ones a session holds. */
  readonly elsewhere: Map<DataId, () => Float32Array | Int32Array>;
  /** By data id: the bytes of a tensor of whole numbers from 0 to 255, until its values are asked for. */
  readonly bytes: Map<DataId, Uint8Array>;
  /** Listeners for data that was disposed or whose values changed. */
  readonly onChange: Set<(dataId: DataId) => void>;
  /** Drops the values here; from now on `fetch` provides them. */
  moveOut(dataId: DataId, fetch: () => Float32Array | Int32Array): void;
}

type NodeBackendClass = new (binding: unknown, packageName: string) => NodeBackend;

/**
 * Returns tfjs-node's backend class with the extensions of {@link JanusBackend}. Without a recorder or
 * a session it behaves as the class does.
 */
export function janusBackendOf(
  Base: NodeBackendClass,
): new (binding: unknown, packageName: string) => JanusBackend {
  return class extends Base implements JanusBackend {
    recorder: Recorder | undefined;
    readonly onChange = new Set<(dataId: DataId) => void>();
    readonly elsewhere = new Map<DataId, () => Float32Array | Int32Array>();
    readonly bytes = new Map<DataId, Uint8Array>();

    moveOut(dataId: DataId, fetch: () => Float32Array | Int32Array): void {
      const record = this.tensorMap.get(dataId);
      if (record.id >= 0) this.binding.deleteTensor(record.id);
      record.id = -1;
      record.values = null;
      this.elsewhere.set(dataId, fetch);
    }

    private bringIn(dataId: DataId): void {
      const fetch = this.elsewhere.get(dataId);
      if (fetch !== undefined) {
        this.tensorMap.get(dataId).values = fetch();
        this.elsewhere.delete(dataId);
        this.bytes.delete(dataId);
        return;
      }
      if (!this.tensorMap.has(dataId)) return;
      const { id, values } = this.tensorMap.get(dataId);
      if (id < 0 && values === null) {
        throw new OptionsError(
          `compile: a tensor that a step makes must be among its outputs to be used outside, but ${callerLine()} uses one that is not. Return it from the step.`,
        );
      }
    }

    override getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[] {
      for (const { dataId } of tensors as readonly Partial<tf.TensorInfo>[]) {
        if (dataId !== undefined) this.bringIn(dataId); // tfjs-node's own scalars have none
      }
      return super.getInputTensorIds(tensors);
    }

    override readSync(dataId: DataId): tf.backend_util.BackendValues {
      if (this.recorder !== undefined) this.recorder.refuseRead();
      this.bringIn(dataId);
      return super.readSync(dataId);
    }

    override write(
      ...given: Parameters<tf.KernelBackend['write']>
    ): ReturnType<tf.KernelBackend['write']> {
      const dataId = super.write(...given);
      this.recorder?.wrote(dataId);
      return dataId;
    }

    override disposeData(dataId: DataId, force?: boolean): boolean {
      const known = this.tensorMap.has(dataId);
      const gone = super.disposeData(dataId, force);
      if (known && gone) {
        this.elsewhere.delete(dataId);
        this.bytes.delete(dataId);
        for (const listener of this.onChange) listener(dataId);
      }
      return gone;
    }

    override executeSingleOutput(
      name: string,
      attributes: readonly OperationAttribute[],
      inputs: readonly tf.TensorInfo[],
    ): tf.Tensor {
      const [only] = this.executeMultipleOutputs(name, attributes, inputs, 1);
      if (only === undefined) throw new Error(`${name} has no output`);
      return only;
    }

    // eslint-disable-next-line @typescript-eslint/max-params -- tfjs-node's signature
    override executeMultipleOutputs(
      name: string,
      attributes: readonly OperationAttribute[],
      inputs: readonly tf.TensorInfo[],
      count: number,
    ): tf.Tensor[] {
      if (this.recorder === undefined) {
        return super.executeMultipleOutputs(name, attributes, inputs, count);
      }
      return this.recorder.execute({ type: name, attributes, inputs, count });
    }
  };
}

/**
 * Returns the native backend.
 *
 * @throws EnvironmentError when another engine is in use
 */
export function nativeBackend(): JanusBackend {
  if (tf.getBackend() !== 'tensorflow') {
    throw new EnvironmentError(
      `compile: must run on the tensorflow engine that it was compiled for, but ${tf.getBackend()} is in use. Call useEngine({ engine: 'tensorflow' }) first.`,
    );
  }
  return tf.backend() as JanusBackend;
}
