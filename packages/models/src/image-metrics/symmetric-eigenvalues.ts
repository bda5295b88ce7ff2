/** A square matrix, row by row: float64 [n, n]. */
export interface SquareMatrix {
  readonly n: number;
  readonly values: Float64Array;
}

/**
 * Returns the eigenvalues of a symmetric matrix in no particular order, in float64: Householder's reduction to a
 * tridiagonal matrix, then QL steps with implicit shifts.
 *
 * @param matrix left as it is
 *
 * Source: Wilkinson and Reinsch 1971, Handbook for Automatic Computation, contributions II/2 and II/4.
 */
export function symmetricEigenvalues(matrix: SquareMatrix): Float64Array {
  const { diagonal, beside } = tridiagonal(matrix);
  for (let i = 0; i < matrix.n; i++) isolate(diagonal, beside, i);
  return diagonal;
}

/** A symmetric tridiagonal matrix: `beside[i]` lies between places i and i + 1. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
}

function tridiagonal({ n, values }: SquareMatrix): Tridiagonal {
  const a = Float64Array.from(values);
  const at = (i: number, j: number): number => a[i * n + j] ?? 0;
  const beside = new Float64Array(n);
  const v = new Float64Array(n);
  const w = new Float64Array(n);
  for (let k = 0; k < n - 1; k++) {
    let squares = 0;
    for (let i = k + 1; i < n; i++) squares += at(i, k) ** 2;
    const norm = Math.sqrt(squares);
    const head = at(k + 1, k);
    const pivot = head > 0 ? -norm : norm;
    beside[k] = pivot;
    // The reflection I - s v v' maps column k below the diagonal to (pivot, 0, ...).
    v.fill(0);
    for (let i = k + 1; i < n; i++) v[i] = at(i, k);
    v[k + 1] = head - pivot;
    const scale = pivot * (pivot - head);
    if (scale === 0) continue;
    reflect({ a, n, from: k + 1, v, w, s: 1 / scale });
  }
  return { diagonal: Float64Array.from({ length: n }, (_, i) => at(i, i)), beside };
}

/** Applies I - s v v' from both sides to the part of `a` from row and column `from` on. */
function reflect(work: {
  readonly a: Float64Array;
  readonly n: number;
  readonly from: number;
  readonly v: Float64Array;
  readonly w: Float64Array;
  readonly s: number;
}): void {
  const { a, n, from, v, w, s } = work;
  let product = 0;
  for (let i = from; i < n; i++) {
    let sum = 0;
    for (let j = from; j < n; j++) sum += (a[i * n + j] ?? 0) * (v[j] ?? 0);
    w[i] = s * sum;
    product += (v[i] ?? 0) * s * sum;
  }
  for (let i = from; i < n; i++) w[i] = (w[i] ?? 0) - (s / 2) * product * (v[i] ?? 0);
  for (let i = from; i < n; i++) {
    const [vi, wi] = [v[i] ?? 0, w[i] ?? 0];
    for (let j = from; j < n; j++) {
      a[i * n + j] = (a[i * n + j] ?? 0) - vi * (w[j] ?? 0) - wi * (v[j] ?? 0);
    }
  }
}

/** Steps until the eigenvalue at a place stands alone; 30 were never needed, and rounding could repeat them without end. */
const MAX_STEPS = 60;

function isolate(d: Float64Array, e: Float64Array, place: number): void {
  for (let step = 0; step < MAX_STEPS; step++) {
    let end = place;
    while (end < d.length - 1) {
      const size = Math.abs(d[end] ?? 0) + Math.abs(d[end + 1] ?? 0);
      if (Math.abs(e[end] ?? 0) <= Number.EPSILON * size) break;
      end++;
    }
    if (end === place) return;
    qlStep(d, e, { place, end });
  }
}

/** One QL step with Wilkinson's shift on the block from `place` to `end`. */
function qlStep(
  d: Float64Array,
  e: Float64Array,
  { place, end }: { readonly place: number; readonly end: number },
): void {
  const [low = 0, next = 0, gap = 0] = [d[place], d[place + 1], e[place]];
  const half = (next - low) / (2 * gap);
  const shift = low - gap / (half + Math.sign(half || 1) * Math.hypot(half, 1));
  let g = (d[end] ?? 0) - shift;
  let [s, c, p] = [1, 1, 0];
  for (let i = end - 1; i >= place; i--) {
    const f = s * (e[i] ?? 0);
    const b = c * (e[i] ?? 0);
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // The block falls apart here.
      d[i + 1] = (d[i + 1] ?? 0) - p;
      e[end] = 0;
      return;
    }
    s = f / r;
    c = g / r;
    const q = (d[i + 1] ?? 0) - p;
    const t = ((d[i] ?? 0) - q) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = q + p;
    g = c * t - b;
  }
  d[place] = (d[place] ?? 0) - p;
  e[place] = g;
  e[end] = 0;
}
