import * as tf from '@tensorflow/tfjs';
import { ShapeError } from '@janus/core';
import { callerLine } from '../caller-line.js';
import type { GraphTensor } from '../native/graph-addon.js';
import type { DataId, JanusBackend } from '../native/native-backend.js';
import { ATTRIBUTE, DATA_TYPE, dataTypeOf } from '../native/tensorflow-types.js';
import type { GraphSession, SessionVariable } from './graph-session.js';
import { firstOf, type TracedTensors } from './trace-tensors.js';

/** An update of one variable by Adam; see `applyAdam`. Slots and gradient have the variable's shape. */
export interface AdamUpdate {
  /** float32. */
  readonly variable: tf.Variable;
  /** float32, running mean of the gradient. */
  readonly m: tf.Variable;
  /** float32, running mean of the squared gradient. */
  readonly v: tf.Variable;
  /** float32. */
  readonly gradient: tf.Tensor;
  /** float32 scalar: the learning rate with the bias correction. */
  readonly alphaT: tf.Tensor;
  /** float32 scalar: epsilon with the bias correction, added to the root. */
  readonly epsilonHat: tf.Tensor;
  /** Decay of `m`, from 0 to below 1. */
  readonly beta1: number;
  /** Decay of `v`, from 0 to below 1. */
  readonly beta2: number;
}

/** The variables of a step that is recorded. */
export interface TracedVariables {
  /** The variables that it used. */
  readonly used: ReadonlyMap<tf.Variable, SessionVariable>;
  /** The variables that it changed. */
  readonly writes: ReadonlyMap<tf.Variable, SessionVariable>;
  /** Id of the last operation that changes each. */
  readonly targets: ReadonlyMap<tf.Variable, number>;
  /** Returns the value of the variable with this data id; `undefined` when it is none's. */
  readonly valueOf: (dataId: DataId) => GraphTensor | undefined;
  /** Records an assignment. @throws ShapeError when the value has another shape or type */
  readonly assign: (variable: tf.Variable, value: tf.Tensor) => void;
  /** Records an update by Adam. */
  readonly adam: (update: AdamUpdate) => void;
  /** Restores the data ids that the variables had before the recording. */
  readonly restore: () => void;
}

/** Starts a recording's table of variables. */
export function traceVariables(options: {
  readonly session: GraphSession;
  readonly backend: JanusBackend;
  readonly tensors: TracedTensors;
}): TracedVariables {
  const { session, backend, tensors } = options;
  const used = new Map<tf.Variable, SessionVariable>();
  const writes = new Map<tf.Variable, SessionVariable>();
  const originals = new Map<tf.Variable, DataId>();
  const targets = new Map<tf.Variable, number>();
  const last = new Map<tf.Variable, number>(); // operations that the next change has to follow

  const enter = (variable: tf.Variable): SessionVariable => {
    const known = used.get(variable);
    if (known !== undefined) return known;
    const place = session.place(variable);
    used.set(variable, place);
    last.set(variable, place.read);
    tensors.setNode(variable.dataId, place.value);
    tensors.did(`variable ${variable.id}`, [place.value]);
    return place;
  };

  /** Gives a variable another value for the rest of the step. */
  const change = (variable: tf.Variable, node: GraphTensor): void => {
    if (!originals.has(variable)) originals.set(variable, variable.dataId);
    // Clones of the old value keep it.
    const dataId = {};
    const { shape, dtype } = variable;
    const record = { shape, dtype: dataTypeOf(dtype), id: -1, values: null, refCount: 1 };
    backend.tensorMap.set(dataId, record);
    tensors.setNode(dataId, node);
    variable.dataId = dataId;
  };

  const assign = (variable: tf.Variable, value: tf.Tensor): void => {
    const place = enter(variable);
    if (value.shape.join() !== variable.shape.join() || value.dtype !== variable.dtype) {
      throw new ShapeError(
        `compile: variable ${variable.name} is ${variable.dtype} [${variable.shape.join()}], but ${callerLine()} assigns ${value.dtype} [${value.shape.join()}]. Assign a tensor of the variable's shape and dtype.`,
      );
    }
    const dtype = dataTypeOf(variable.dtype);
    const node = tensors.cast(tensors.nodeOf(value), dtype);
    const { operation } = session.add({
      type: 'AssignVariableOp',
      inputs: [place.resource.id, node.id],
      attributes: [{ name: 'dtype', type: ATTRIBUTE.type, value: dtype }],
      after: [last.get(variable) ?? place.read],
    });
    tensors.did(`assign ${variable.id} ${tensors.labelsOf([node])}`, []);
    targets.set(variable, operation);
    last.set(variable, operation);
    writes.set(variable, place);
    change(variable, node);
  };

  const adam = (update: AdamUpdate): void => {
    const places = [update.variable, update.m, update.v].map(enter);
    const scalar = (value: number): number =>
      session.constant({
        dtype: DATA_TYPE.float32,
        shape: [],
        values: Float32Array.of(value),
      }).id;
    const zero = scalar(0); // the corrections are in alphaT and epsilonHat already
    const given = [update.alphaT, update.epsilonHat, update.gradient].map((tensor) =>
      tensors.cast(tensors.nodeOf(tensor), DATA_TYPE.float32),
    );
    const [alphaT, epsilonHat, gradient] = given.map(({ id }) => id) as [number, number, number];
    const { operation } = session.add({
      type: 'ResourceApplyAdam',
      inputs: [
        ...places.map(({ resource }) => resource.id),
        zero,
        zero,
        alphaT,
        scalar(update.beta1),
        scalar(update.beta2),
        epsilonHat,
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
    tensors.did(
      `Adam ${ids.join()} ${tensors.labelsOf(given)} ${update.beta1} ${update.beta2}`,
      [],
    );
    for (const { variable, ...place } of places) {
      const read = session.add({
        type: 'ReadVariableOp',
        inputs: [place.resource.id],
        attributes: [{ name: 'dtype', type: ATTRIBUTE.type, value: DATA_TYPE.float32 }],
        after: [operation],
      });
      tensors.did(`read ${variable.id}`, read.outputs);
      targets.set(variable, operation);
      last.set(variable, read.operation);
      writes.set(variable, { variable, ...place });
      change(variable, firstOf(read.outputs));
    }
  };

  return {
    used,
    writes,
    targets,
    assign,
    adam,
    valueOf: (dataId) => {
      const variable = Object.values(tf.engine().registeredVariables).find(
        (each) => each.dataId === dataId,
      );
      return variable === undefined ? undefined : enter(variable).value;
    },
    restore: () => {
      for (const [variable, dataId] of originals) {
        backend.tensorMap.delete(variable.dataId);
        variable.dataId = dataId;
      }
    },
  };
}

/**
 * Gives each variable a data id of its own. A recording identifies tensors by data id, and must not
 * take a clone of a variable, or another variable made from it, for the variable.
 */
export function separateVariables(backend: JanusBackend): void {
  for (const variable of Object.values(tf.engine().registeredVariables)) {
    if (backend.refCount(variable.dataId) <= 1) continue;
    tf.tidy(() => {
      const { shape, dtype } = variable;
      variable.assign(tf.tensor(variable.dataSync().slice(), shape, dtype));
    });
  }
}

/** Calls `assign` instead of tfjs's own assignment to variables; returns a function that undoes this. */
export function replaceAssign(
  assign: (variable: tf.Variable, value: tf.Tensor) => void,
): () => void {
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
