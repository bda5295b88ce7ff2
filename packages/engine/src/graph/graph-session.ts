import * as tf from '@tensorflow/tfjs';
import { OptionsError } from '@janus/core';
import { callerLine } from '../caller-line.js';
import type {
  GraphAddon,
  GraphFeed,
  GraphOperation,
  GraphTensor,
  GraphValues,
  OperationSpec,
} from '../native/graph-addon.js';
import type { DataId, JanusBackend } from '../native/native-backend.js';
import { ATTRIBUTE, dataTypeOf } from '../native/tensorflow-types.js';

/** A tfjs variable that has a counterpart in a session. */
export interface SessionVariable {
  readonly variable: tf.Variable;
  /** TensorFlow's handle of the counterpart. */
  readonly resource: GraphTensor;
  /** Its value before a run changes it. */
  readonly value: GraphTensor;
  /** Id of the operation that makes `value`. */
  readonly read: number;
}

/** A graph, its session and the variables in it. */
export interface GraphSession {
  /** Adds an operation under a name that is unique in the graph. */
  add(spec: Partial<OperationSpec> & Pick<OperationSpec, 'type' | 'inputs'>): GraphOperation;
  /** Adds values that never change. */
  constant(tensor: {
    readonly dtype: number;
    readonly shape: readonly number[];
    readonly values: ArrayBufferView;
  }): GraphTensor;
  /** Adds a tensor whose values each run passes. */
  placeholder(dtype: number, shape: readonly number[]): GraphTensor;
  /** Returns a variable's counterpart in the session, which it makes when there is none. */
  place(variable: tf.Variable): SessionVariable;
  /**
   * Runs a part of the graph, after the runs asked for before it. Values that were assigned to variables
   * outside are copied in first; afterwards the values of `writes` live in the session.
   *
   * @throws OptionsError when a variable was disposed
   */
  run(work: SessionRun): Promise<readonly GraphValues[]>;
  /** Copies all variables out and frees everything, once the runs asked for have ended. */
  close(): void;
}

/** What {@link GraphSession.run} computes; tensors and operations by id. */
export interface SessionRun {
  readonly feeds: readonly GraphFeed[];
  /** Tensors whose values to return. */
  readonly fetches: readonly number[];
  /** Operations to run for their effect. */
  readonly targets: readonly number[];
  /** All variables that the part of the graph uses. */
  readonly variables: readonly SessionVariable[];
  /** The variables that it changes. */
  readonly writes: readonly SessionVariable[];
}

interface Place extends SessionVariable {
  readonly feed: GraphTensor;
  readonly assign: number;
  /** The data id whose values the session has; `undefined` once they changed outside. */
  data: DataId | undefined;
}

/**
 * Opens an empty graph with a session.
 *
 * @param execution whether TensorFlow rewrites the graph (`graph`) or runs it as recorded (`verbatim`)
 */
export function openSession(
  addon: GraphAddon,
  backend: JanusBackend,
  execution: 'graph' | 'verbatim',
): GraphSession {
  const graph = addon.create(SESSION_CONFIGS[execution]);
  const places = new Map<tf.Variable, Place>();
  let count = 0;
  let running: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let busy = false;

  const add: GraphSession['add'] = (spec) =>
    addon.add(graph, {
      attributes: [],
      after: [],
      device: '',
      name: `${spec.type}_${count++}`,
      ...spec,
    });
  const one = (operation: GraphOperation): GraphTensor => {
    const [tensor] = operation.outputs;
    if (tensor === undefined) throw new Error('an operation has no output');
    return tensor;
  };
  const typeAttribute = (dtype: number): OperationSpec['attributes'] => [
    { name: 'dtype', type: ATTRIBUTE.type, value: dtype },
  ];
  const placeholder: GraphSession['placeholder'] = (dtype, shape) =>
    one(
      add({
        type: 'Placeholder',
        inputs: [],
        attributes: [
          ...typeAttribute(dtype),
          { name: 'shape', type: ATTRIBUTE.shape, value: shape },
        ],
      }),
    );

  const place = (variable: tf.Variable): Place => {
    const known = places.get(variable);
    if (known !== undefined) return known;
    const dtype = dataTypeOf(variable.dtype);
    const resource = one(
      add({
        type: 'VarHandleOp',
        inputs: [],
        attributes: [
          ...typeAttribute(dtype),
          { name: 'shape', type: ATTRIBUTE.shape, value: variable.shape },
          { name: 'shared_name', type: ATTRIBUTE.string, value: `variable_${count}` },
        ],
      }),
    );
    const read = add({
      type: 'ReadVariableOp',
      inputs: [resource.id],
      attributes: typeAttribute(dtype),
    });
    const feed = placeholder(dtype, variable.shape);
    const { operation } = add({
      type: 'AssignVariableOp',
      inputs: [resource.id, feed.id],
      attributes: typeAttribute(dtype),
    });
    const made: Place = {
      variable,
      resource,
      value: one(read),
      read: read.operation,
      feed,
      assign: operation,
      data: undefined,
    };
    places.set(variable, made);
    return made;
  };

  /** Copies into the session the values of variables that were assigned, or trained, outside. */
  const bringIn = (variables: readonly SessionVariable[]): void => {
    const changed = variables
      .map(({ variable }) => place(variable))
      .filter((each) => each.data !== each.variable.dataId);
    if (changed.length === 0) return;
    addon.runSync(
      graph,
      changed.map(({ variable, feed }) => ({
        id: feed.id,
        dtype: feed.dtype,
        shape: variable.shape,
        values: variable.dataSync<'float32'>(),
      })),
      [],
      changed.map(({ assign }) => assign),
    );
    for (const each of changed) each.data = each.variable.dataId;
  };

  const fetchValue = ({ value, variable }: SessionVariable): Float32Array | Int32Array => {
    if (busy) {
      throw new OptionsError(
        `compile: a variable must not be read while a compiled step runs, but ${callerLine()} reads ${variable.name}. Await the step first.`,
      );
    }
    const [result] = addon.runSync(graph, [], [value.id], []);
    if (result === undefined) throw new Error('a run returned nothing');
    // A copy: the result may be the variable's own memory.
    return (result.values as Float32Array).slice();
  };

  /** Tells the backend that the session has a variable's newest values. */
  const moveOut = (each: Place): void => {
    const { variable } = each;
    if (backend.refCount(variable.dataId) > 1) {
      // A clone shares the old values, and keeps them.
      const { shape, dtype } = backend.tensorMap.get(variable.dataId);
      const dataId = {};
      backend.tensorMap.set(dataId, { shape, dtype, id: -1, values: null, refCount: 1 });
      const info = { dataId, shape: variable.shape, dtype: variable.dtype };
      const tensor = tf.engine().makeTensorFromTensorInfo(info);
      variable.assign(tensor);
      tensor.dispose();
      each.data = dataId;
    }
    backend.moveOut(variable.dataId, () => fetchValue(each));
    for (const listener of backend.onChange) if (listener !== heard) listener(variable.dataId);
  };

  const runNow = async (work: SessionRun): Promise<readonly GraphValues[]> => {
    sweep();
    const gone = work.variables.find(({ variable }) => variable.isDisposed);
    if (gone !== undefined) {
      throw new OptionsError(
        `compile: a step's variables must exist when it runs, but ${gone.variable.name} was disposed. Compile the step again with the new variables.`,
      );
    }
    bringIn(work.variables);
    for (const { variable } of work.writes) {
      // Fetched now for its clones, which keep these values.
      if (backend.refCount(variable.dataId) > 1) backend.readSync(variable.dataId);
    }
    busy = true;
    try {
      return await addon.run(graph, work.feeds, work.fetches, work.targets);
    } finally {
      busy = false;
      // After a failure too: what was written before it is in the session.
      for (const written of work.writes) {
        const each = places.get(written.variable);
        if (each !== undefined && each.data === each.variable.dataId) moveOut(each);
      }
    }
  };

  const suspects = new Set<Place>();
  const heard = (dataId: DataId): void => {
    for (const each of places.values()) {
      if (each.data !== dataId) continue;
      // Assigned, disposed, or changed by another session: the variable shows which only after this call.
      each.data = undefined;
      suspects.add(each);
    }
  };
  backend.onChange.add(heard);
  const sweep = (): void => {
    for (const { variable, resource } of suspects) {
      if (!variable.isDisposed) continue;
      places.delete(variable);
      const { operation } = add({ type: 'DestroyResourceOp', inputs: [resource.id] });
      addon.runSync(graph, [], [], [operation]);
    }
    suspects.clear();
  };

  const close = (): void => {
    for (const each of places.values()) {
      const { variable, data } = each;
      if (data !== undefined && !variable.isDisposed && backend.elsewhere.has(data)) {
        backend.tensorMap.get(data).values = fetchValue(each);
        backend.elsewhere.delete(data);
      }
    }
    places.clear();
    backend.onChange.delete(heard);
    addon.close(graph);
  };

  return {
    add,
    constant: ({ dtype, shape, values }) =>
      one(addon.constant(graph, `Const_${count++}`, dtype, shape, values)),
    placeholder,
    place,
    run: (work) => {
      waiting++;
      const result = running
        .then(() => runNow(work))
        .finally(() => {
          waiting--;
        });
      // Without its values, which the next run must not keep alive.
      running = result.then(
        () => undefined,
        () => undefined,
      );
      return result;
    },
    close: () => {
      if (waiting === 0) close();
      else void running.then(close);
    },
  };
}

/** Serialized ConfigProtos: TensorFlow's defaults, and `graph_options.rewrite_options.disable_meta_optimizer`. */
const SESSION_CONFIGS = {
  graph: new Uint8Array(0),
  verbatim: Uint8Array.of(0x52, 5, 0x52, 3, 0x98, 0x01, 1), // fields 10, 10 and 19
};
