/** A part of the features, scaled for a linear classifier. */
import type { ProbePart } from '@janus/models';

/**
 * How a probe scales features: each column to mean 0 and deviation 1; or each row as the classifier's
 * `sqrt-l2` does. Both then subtract the columns' means, which the bias takes up.
 */
export type ProbeNormalisation = 'standard' | 'sqrt-l2';

/** The names of all of them. */
export const PROBE_NORMALISATIONS: readonly ProbeNormalisation[] = ['standard', 'sqrt-l2'];

/** A part of the features, scaled one way. */
export interface ProbeChoice {
  readonly part: ProbePart;
  readonly normalisation: ProbeNormalisation;
}

/** Returns a part's columns of float32 [N, columns], scaled: float32 [N, part.length]. A column that never changes is all 0. */
export function scaledColumns(
  { data, columns }: { readonly data: Float32Array; readonly columns: number },
  { part: { from, length }, normalisation }: ProbeChoice,
): Float32Array {
  const count = data.length / columns;
  const scaled = new Float32Array(count * length);
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * columns + from, i * columns + from + length);
    const own = scaled.subarray(i * length, (i + 1) * length);
    own.set(row);
    if (normalisation === 'sqrt-l2') takeUnitRoots(own);
  }
  const means = new Float64Array(length);
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j < length; j++, at++) means[j] = (means[j] ?? 0) + (scaled[at] ?? 0) / count;
  }
  const squares = new Float64Array(length);
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j < length; j++, at++) {
      const distance = (scaled[at] ?? 0) - (means[j] ?? 0);
      squares[j] = (squares[j] ?? 0) + (distance * distance) / count;
    }
  }
  const scales = squares.map((square) =>
    normalisation === 'sqrt-l2' ? 1 : square === 0 ? 0 : 1 / Math.sqrt(square),
  );
  for (let i = 0, at = 0; i < count; i++) {
    for (let j = 0; j < length; j++, at++) {
      scaled[at] = ((scaled[at] ?? 0) - (means[j] ?? 0)) * (scales[j] ?? 0);
    }
  }
  return scaled;
}

/** Takes the signed roots of a row, scaled so that the mean of their squares is 1. */
function takeUnitRoots(row: Float32Array): void {
  let sum = 0;
  for (const each of row) sum += Math.abs(each);
  const scale = sum === 0 ? 0 : row.length / sum;
  for (let j = 0; j < row.length; j++) {
    const value = row[j] ?? 0;
    row[j] = Math.sign(value) * Math.sqrt(Math.abs(value) * scale);
  }
}
