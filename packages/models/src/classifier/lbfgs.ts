/** Minimises a smooth function. */

/** A function's value at a point; its gradient is written to `gradient`. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** Options of {@link minimise}. */
export interface MinimiseOptions {
  /** Ends when no entry of the gradient is larger than this; default 1e-5. */
  readonly tolerance?: number;
  /** Default 500. */
  readonly maxIterations?: number;
}

/** Where a minimisation ended. */
export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** False when it ran out of iterations, or when rounding left no step that descends. */
  readonly converged: boolean;
}

/** Steps that the estimate of the curvature remembers. Source: Nocedal and Wright 2006, section 7.2 (3 to 20). */
const MEMORY = 10;
/** Sufficient decrease and curvature of a step. Source: Nocedal and Wright 2006, section 3.1. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const MAX_TRIALS = 40;
/** Rounding of a value: near the minimum, differences below it say nothing. */
const ROUNDING = 1e-15;

/**
 * Minimises by L-BFGS with a line search for the weak Wolfe conditions, in float64; the same input gives
 * the same output, bit for bit.
 *
 * Source: Nocedal and Wright 2006, Numerical Optimization, algorithms 7.4 and 7.5; the line search
 * bisects (Lewis and Overton 2013, section 4.1).
 *
 * @param start not changed
 */
export function minimise(
  objective: Objective,
  start: Float64Array,
  options: MinimiseOptions = {},
): Minimum {
  const { tolerance = 1e-5, maxIterations = 500 } = options;
  let point: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(point.length);
  let value = objective(point, gradient);
  const history: Correction[] = [];
  for (let iterations = 0; ; iterations++) {
    const converged = largest(gradient) <= tolerance;
    if (converged || iterations >= maxIterations) return { point, value, iterations, converged };
    const direction = descent(gradient, history);
    const first = history.length === 0 ? Math.min(1, 1 / norm(gradient)) : 1;
    const found = search(objective, { point, value, gradient, direction, first });
    if (found === undefined) {
      if (history.length === 0) return { point, value, iterations, converged };
      history.length = 0; // the estimate of the curvature misled: again, straight down
      continue;
    }
    const change = subtract(found.point, point);
    const difference = subtract(found.gradient, gradient);
    const product = dot(change, difference);
    if (product > 0) {
      history.push({ change, difference, product });
      if (history.length > MEMORY) history.shift();
    }
    ({ point, value, gradient } = found);
  }
}

/** A step that was taken: how the point and the gradient changed. */
interface Correction {
  readonly change: Float64Array;
  readonly difference: Float64Array;
  readonly product: number;
}

/** Returns the direction to step in: minus the gradient, times the estimated inverse curvature. */
function descent(gradient: Float64Array, history: readonly Correction[]): Float64Array {
  const direction = gradient.map((each) => -each);
  const factors: number[] = [];
  for (const { change, difference, product } of [...history].reverse()) {
    const factor = dot(change, direction) / product;
    factors.push(factor);
    add(direction, difference, -factor);
  }
  const last = history.at(-1);
  if (last !== undefined) {
    const scale = last.product / dot(last.difference, last.difference);
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] ?? 0) * scale;
  }
  for (const { change, difference, product } of history) {
    const factor = factors.pop() ?? 0;
    add(direction, change, factor - dot(difference, direction) / product);
  }
  return direction;
}

interface Search {
  readonly point: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  readonly direction: Float64Array;
  /** The length that is tried first. */
  readonly first: number;
}

/** Returns a point along the direction that is low and flat enough; undefined when there is none. */
function search(
  objective: Objective,
  { point, value, gradient, direction, first }: Search,
): { point: Float64Array; value: number; gradient: Float64Array } | undefined {
  const slope = dot(gradient, direction);
  const slack = ROUNDING * Math.abs(value);
  if (!(slope < 0)) return undefined;
  let low = 0;
  let high = Infinity;
  let length = first;
  for (let trial = 0; trial < MAX_TRIALS; trial++) {
    const next = point.slice();
    add(next, direction, length);
    const nextGradient = new Float64Array(point.length);
    const nextValue = objective(next, nextGradient);
    if (!(nextValue <= value + DECREASE * length * slope + slack)) high = length;
    else if (dot(nextGradient, direction) < CURVATURE * slope) low = length;
    else return { point: next, value: nextValue, gradient: nextGradient };
    length = high === Infinity ? 2 * low : (low + high) / 2;
  }
  return undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** Adds `factor` times `b` to `a`. */
function add(a: Float64Array, b: Float64Array, factor: number): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] ?? 0) + factor * (b[i] ?? 0);
}

const subtract = (a: Float64Array, b: Float64Array): Float64Array =>
  a.map((each, i) => each - (b[i] ?? 0));

const norm = (a: Float64Array): number => Math.sqrt(dot(a, a));

function largest(a: Float64Array): number {
  let most = 0;
  for (const each of a) most = Math.max(most, Math.abs(each));
  return most;
}
