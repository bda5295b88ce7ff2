/** Items at once by default: more than the cores of a small machine, since part of the time is waiting for files. */
const CONCURRENCY = 4;

/** Does `work` for every item, a few at a time; the first failure ends it. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
  concurrency: number = CONCURRENCY,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      await work(items[index] as T, index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}
