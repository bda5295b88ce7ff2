import { describe, expect, it } from 'vitest';
import type { GraphTensor } from './native/graph-addon.js';
import { ATTRIBUTE, DATA_TYPE } from './native/tensorflow-types.js';
import { castFor, type PlannedOperation } from './precision.js';

const { float32, bfloat16, int32 } = DATA_TYPE;

const tensor = (dtype: number, ...shape: number[]): GraphTensor => ({ id: 0, dtype, shape });
const type = (name: string, value: number): PlannedOperation['attributes'][number] => ({
  name,
  type: ATTRIBUTE.type,
  value,
});
const T = type('T', float32);

describe('castFor', () => {
  it('leaves a cast of a float to a float where it is', () => {
    const attributes = [type('SrcT', float32), type('DstT', float32)];
    const planned = { type: 'Cast', attributes, inputs: [tensor(bfloat16, 2, 3)] };
    expect(castFor('bfloat16', planned)).toEqual({
      type: 'Cast',
      inputs: [bfloat16],
      attributes: [type('SrcT', bfloat16), type('DstT', bfloat16)],
    });
    expect(castFor('float32', planned).inputs).toEqual([float32]);
  });

  it('casts to whole numbers from float32', () => {
    const attributes = [type('SrcT', float32), type('DstT', int32)];
    const planned = { type: 'Cast', attributes, inputs: [tensor(bfloat16, 2, 3)] };
    expect(castFor('bfloat16', planned)).toEqual({ type: 'Cast', inputs: [float32], attributes });
  });

  it('adds like shapes in bfloat16 by our operation, and broadcasts by theirs', () => {
    const sum = (...inputs: GraphTensor[]): string =>
      castFor('bfloat16', { type: 'AddV2', attributes: [T], inputs }).type;
    expect(sum(tensor(bfloat16, 2, 3), tensor(bfloat16, 2, 3))).toBe('JanusAdd');
    expect(sum(tensor(bfloat16, 2, 3), tensor(float32, 3))).toBe('AddV2');
    expect(sum(tensor(bfloat16, 2, 3), tensor(float32, 2, 3))).toBe('AddV2');
    expect(sum(tensor(float32, 2, 3), tensor(float32, 2, 3))).toBe('AddV2');
  });

  it("gives a ReLU's gradient a slope of 0, and keeps that of a leaky one", () => {
    const inputs = [tensor(bfloat16, 2, 3), tensor(bfloat16, 2, 3)];
    const alpha = { name: 'alpha', type: ATTRIBUTE.float, value: 0.2 };
    const reduced = type('T', bfloat16);
    expect(castFor('bfloat16', { type: 'ReluGrad', attributes: [T], inputs })).toEqual({
      type: 'JanusActivationGrad',
      inputs: [bfloat16, bfloat16],
      attributes: [reduced, { ...alpha, value: 0 }],
    });
    expect(
      castFor('bfloat16', { type: 'LeakyReluGrad', attributes: [alpha, T], inputs }).attributes,
    ).toEqual([alpha, reduced]);
    expect(castFor('float32', { type: 'ReluGrad', attributes: [T], inputs }).type).toBe('ReluGrad');
  });
});
