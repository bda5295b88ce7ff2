import fc from 'fast-check';
import { expect, it } from 'vitest';
import { permutationOf, streamFromState, streamOf } from './random.js';

it('streamOf repeats for the same seed and names, and differs for others', () => {
  const take = (...names: (string | number)[]): number[] => {
    const stream = streamOf(7, ...names);
    return [stream.next(), stream.next(), stream.next()];
  };
  expect(take('split')).toEqual(take('split'));
  expect(take('split')).not.toEqual(take('pool'));
  expect(take('flip', 1)).not.toEqual(take('flip', 2));
});

it('streamFromState continues where the state was taken', () => {
  const stream = streamOf(1, 'x');
  stream.normal();
  const saved = stream.state();
  const expected = [stream.next(), stream.normal(), stream.integer(10)];
  const again = streamFromState(saved);
  expect([again.next(), again.normal(), again.integer(10)]).toEqual(expected);
});

it('next is uniform: mean, variance and ten bins within five standard errors', () => {
  const n = 100_000;
  const stream = streamOf(3, 'uniform');
  const bins = new Array<number>(10).fill(0);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const value = stream.next();
    sum += value;
    squares += (value - 0.5) ** 2;
    const bin = Math.floor(value * 10);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  expect(Math.abs(sum / n - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / n));
  expect(Math.abs(squares / n - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
  for (const bin of bins) expect(Math.abs(bin - n / 10)).toBeLessThan(5 * Math.sqrt(n * 0.09));
});

it('normal has mean 0 and variance 1 within five standard errors', () => {
  const n = 50_000;
  const stream = streamOf(4, 'normal');
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const value = stream.normal();
    sum += value;
    squares += value * value;
  }
  expect(Math.abs(sum / n)).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(squares / n - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
});

it('permutationOf holds every number once', () => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer(), (length, seed) => {
      const order = [...permutationOf(length, streamOf(seed, 'order'))].sort((a, b) => a - b);
      expect(order).toEqual(Array.from({ length }, (_, i) => i));
    }),
  );
});
