import { expect, it } from 'vitest';
import { checkBfloat16, computesBfloat16 } from './bfloat16.js';

it('checkBfloat16 asks the processor where no GPU computes', () => {
  expect(() => {
    checkBfloat16([], undefined);
  }).toThrow(/needs a processor with one of avx512_bf16/);
  expect(() => {
    checkBfloat16(['amx_bf16'], undefined);
  }).not.toThrow();
});

it('checkBfloat16 asks the GPU where one computes, whatever the processor has', () => {
  const on = (computeCapability?: string): (() => void) => {
    const card = {
      name: 'card',
      ...(computeCapability === undefined ? {} : { computeCapability }),
    };
    return () => {
      checkBfloat16([], { cards: [card] });
    };
  };
  expect(on('8.0')).not.toThrow();
  expect(on('9.0')).not.toThrow();
  expect(on()).not.toThrow();
  expect(on('7.5')).toThrow(
    'compile: bfloat16 needs a GPU of compute capability 8.0 or newer, but card has 7.5. Use float32, or set emulateBfloat16.',
  );
});

it('computesBfloat16 says beforehand what checkBfloat16 will', () => {
  expect(computesBfloat16([], undefined)).toBe(false);
  expect(computesBfloat16(['amx_bf16'], undefined)).toBe(true);
  const turing = { cards: [{ name: 'card', computeCapability: '7.5' }] };
  expect(computesBfloat16(['amx_bf16'], turing)).toBe(false);
});
