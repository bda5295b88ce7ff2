/** The rows of a sweep beside the best of them, on the images that all were measured on. */
import { join } from 'node:path';
import { discordantPairs, holm, mcnemar, type SweepComparison } from '@janus/core';
import { readTable } from '@janus/data';

/** Whether a row got each test image right, by id. */
export type RightByImage = ReadonlyMap<string, boolean>;

/** Returns what a run's `predictions.parquet` says. */
export async function readRights(run: string): Promise<RightByImage> {
  const rows = await readTable(join(run, 'predictions.parquet'));
  return new Map(rows.map(({ id, label, predicted }) => [String(id), label === predicted]));
}

/**
 * Compares each row with the one that got the most images right (of equals, the first) by McNemar's exact test, corrected
 * by Holm's method for their number. Rows of other targets have other best ones: compare those of one target at a time.
 *
 * @returns one entry a row, null for the best
 */
export function compareWithBest(
  rows: readonly RightByImage[],
): readonly (SweepComparison | null)[] {
  const best = rows.reduce<RightByImage | undefined>(
    (found, row) => (found === undefined || shareOf(row) > shareOf(found) ? row : found),
    undefined,
  );
  const tests = rows.map((row) => {
    if (best === undefined || row === best) return null;
    const ids = [...best.keys()].filter((id) => row.has(id));
    const rights = (each: RightByImage): readonly boolean[] =>
      ids.map((id) => each.get(id) === true);
    return mcnemar(discordantPairs(rights(best), rights(row)));
  });
  const corrected = [...holm(tests.flatMap((test) => (test === null ? [] : [test.p])))];
  return tests.map((test) =>
    test === null
      ? null
      : {
          ...{ onlyBest: test.onlyFirst, onlyThis: test.onlySecond, p: test.p },
          holm: corrected.shift() ?? 1,
        },
  );
}

function shareOf(row: RightByImage): number {
  return [...row.values()].filter(Boolean).length / row.size;
}
