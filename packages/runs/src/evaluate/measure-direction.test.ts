import { SILENT, wilsonInterval, type DirectionEvaluation } from '@janus/core';
import { expect, it } from 'vitest';
import type { Judge, Judgement } from './judge.js';
import { measureDirection, type DomainImages } from './measure-direction.js';

const FEATURES: Judgement['features'] = { data: new Float32Array(4), count: 4, shape: [1] };
const TARGET = { target: 'side', classes: ['x', 'y'] };

/** Measures four images of one pixel, three of whose fakes are judged as y, and none of the originals. */
async function measured(people: readonly string[]): Promise<DirectionEvaluation> {
  const imagesOf = (title: string): DomainImages => ({
    ...{ pixels: new Uint8Array(12), count: 4, size: 1, title, people },
  });
  const [from, to, fakes] = [imagesOf('x'), imagesOf('y'), new Uint8Array(12)];
  const seen: Judge['seen'] = new WeakMap([
    [fakes, { features: FEATURES, told: [['y', 'y', 'y', 'x']] }],
    [from.pixels, { features: FEATURES, told: [['x', 'x', 'x', 'x']] }],
  ]);
  // What it sees is known, so that no network of it is asked.
  const judge = { target: TARGET, description: { targets: [TARGET] }, seen } as unknown as Judge;
  const { result } = await measureDirection({
    ...{ from, to, judge, size: 1, reporter: SILENT, tellers: [], changed: ['side'] },
    forward: () => Promise.resolve(fakes),
  });
  return result;
}

it("shares of one image a person have Wilson's intervals", async () => {
  expect(await measured(['a', 'b', 'c', 'd'])).toMatchObject({
    judgedAsTarget: wilsonInterval(3, 4),
    originalsJudgedAsTarget: wilsonInterval(0, 4),
    intervalMethod: 'Wilson',
  });
});

it('shares of several images a person are resampled by people', async () => {
  const { judgedAsTarget, intervalMethod } = await measured(['a', 'a', 'b', 'b']);
  // Two people, of shares 1 and 1/2: a resample has either of them twice, or both.
  expect(judgedAsTarget).toEqual({ value: 0.75, low: 0.5, high: 1 });
  expect(intervalMethod).toBe('bootstrap over people');
});
