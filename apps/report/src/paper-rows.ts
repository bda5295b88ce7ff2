/** The paper's own figures, with the intervals that its test sets allow. */
import { wilsonInterval } from '@janus/core';
import type { AccuracyRow } from '@janus/figures';

/** A row of the paper's tables that a run is put beside. */
interface PaperRow {
  readonly label: string;
  readonly accuracy: number;
  /** Test images, where the paper's text tells them. */
  readonly n?: number;
}

/** Table 1: party, everypolitician; the size of the test set is not given. */
const TABLE_1: readonly PaperRow[] = [
  { label: 'Paper: party, 1x1024, frozen', accuracy: 0.568 },
  { label: 'Paper: party, 2x1024 without dropout', accuracy: 0.57 },
  { label: 'Paper: party, blocks 4 and 5 trained', accuracy: 0.566 },
];

/**
 * Table 2: gender, DiF. Test images: 30 % of 1,000, 10 % of 10k, 1 % of 855,397 (the paper's
 * splits).
 */
const TABLE_2: readonly PaperRow[] = [
  { label: 'Paper: gender, 1,000 images, frozen', accuracy: 0.685, n: 300 },
  { label: 'Paper: gender, 10k images, frozen', accuracy: 0.758, n: 1000 },
  { label: 'Paper: gender, 10k images, block 5', accuracy: 0.695, n: 1000 },
  { label: 'Paper: gender, 855k images, frozen', accuracy: 0.891, n: 8554 },
  { label: 'Paper: gender, 855k images, blocks 3 to 5', accuracy: 0.952, n: 8554 },
];

/** Rows of the paper for a target, and whether they are about the same question. */
export interface PaperComparison {
  readonly rows: readonly AccuracyRow[];
  readonly table: 1 | 2;
  readonly sameTarget: boolean;
}

/** Returns the paper's rows for a target: Table 1 for party, else Table 2. */
export function paperRowsFor(target: string): PaperComparison {
  const party = /party/i.test(target);
  return {
    table: party ? 1 : 2,
    sameTarget: party || /gender|sex/i.test(target),
    rows: (party ? TABLE_1 : TABLE_2).map(({ label, accuracy, n }) => {
      if (n === undefined) return { label, value: accuracy, kind: 'reference' as const };
      const { low, high } = wilsonInterval(Math.round(accuracy * n), n);
      return { label, value: accuracy, low, high, n, kind: 'reference' as const };
    }),
  };
}
