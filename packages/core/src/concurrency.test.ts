import { expect, it } from 'vitest';
import { forEachConcurrently } from './concurrency.js';

it('forEachConcurrently starts items in order, and no more at a time than it may', async () => {
  const started: number[] = [];
  let running = 0;
  let peak = 0;
  const work = async (item: string, index: number): Promise<void> => {
    expect(item).toBe(`item ${index}`);
    started.push(index);
    peak = Math.max(peak, ++running);
    await Promise.resolve();
    running--;
  };
  const items = Array.from({ length: 10 }, (_, i) => `item ${i}`);
  await forEachConcurrently(items, work, 3);
  expect(started).toEqual(items.map((_, i) => i));
  expect(peak).toBe(3);
});

it('forEachConcurrently rejects with the first error and starts nothing after it', async () => {
  const started: number[] = [];
  const work = async (item: number): Promise<void> => {
    started.push(item);
    await Promise.resolve();
    if (item === 1) throw new RangeError('of item 1');
  };
  await expect(forEachConcurrently([0, 1, 2, 3, 4, 5, 6, 7], work, 2)).rejects.toThrow(RangeError);
  await new Promise((next) => setImmediate(next));
  // Item 2 began when item 0 was done, before item 1 failed.
  expect(started).toEqual([0, 1, 2]);
});
