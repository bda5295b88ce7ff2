/** More than a small machine's cores, since part of the time is spent waiting for files. */
const CONCURRENCY = 4;

/**
 * Calls `work` for every item, in order, a few at a time.
 *
 * @param concurrency items at a time; default 4
 * @throws the first error of `work`; no further item is started after it
 */
export async function forEachConcurrently<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
  concurrency: number = CONCURRENCY,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      try {
        await work(items[index] as T, index);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}
