/** Minimises a smooth function. */

/** A function's value at a point; its gradient is written to `gradient`. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** A function's value and gradient at a point; the gradient is not changed later. */
export interface Evaluated {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** A minimisation that yields the points at which it needs the function, and is given what was found. */
export type Minimisation = Generator<Float64Array, Minimum, Evaluated>;

/** Options of {@link minimise}. */
export interface MinimiseOptions {
  /** Ends when no entry of the gradient is larger than this; default 1e-5. */
  readonly tolerance?: number;
  /** Default 500. */
  readonly maxIterations?: number;
  /** Relative error of the function's values; default that of float64 sums, 1e-15. */
  readonly rounding?: number;
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

/** Minimises as {@link minimisation} does, with a function that is called for each point. */
export function minimise(
  objective: Objective,
  start: Float64Array,
  options: MinimiseOptions = {},
): Minimum {
  const search = minimisation(start, options);
  let step = search.next();
  while (step.done !== true) {
    const gradient = new Float64Array(start.length);
    const value = objective(step.value, gradient);
    step = search.next({ value, gradient });
  }
  return step.value;
}

/**
 * Minimises by L-BFGS with a line search for the weak Wolfe conditions, in float64; the same input gives
 * the same output, bit for bit.
 *
 * Source: Nocedal and Wright 2006, Numerical Optimization, algorithms 7.4 and 7.5; the line search
 * bisects (Lewis and Overton 2013, section 4.1).
 *
 * @param start not changed
 */
export function* minimisation(start: Float64Array, options: MinimiseOptions = {}): Minimisation {
  const { tolerance = 1e-5, maxIterations = 500, rounding = ROUNDING } = options;
  let point: Float64Array = start.slice();
  let { value, gradient } = yield point;
  const history: Correction[] = [];
  for (let iterations = 0; ; iterations++) {
    const converged = largest(gradient) <= tolerance;
    if (converged || iterations >= maxIterations) return { point, value, iterations, converged };
    const direction = descent(gradient, history);
    const first = history.length === 0 ? Math.min(1, 1 / norm(gradient)) : 1;
    const found = yield* search({ point, value, gradient, direction, first, rounding });
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

interface Search extends Evaluated {
  readonly point: Float64Array;
  readonly direction: Float64Array;
  /** The length that is tried first. */
  readonly first: number;
  readonly rounding: number;
}

/** Returns a point along the direction that is low and flat enough; undefined when there is none. */
function* search(
  given: Search,
): Generator<Float64Array, (Evaluated & { readonly point: Float64Array }) | undefined, Evaluated> {
  const { point, value, gradient, direction, first, rounding } = given;
  const slope = dot(gradient, direction);
  const slack = rounding * Math.abs(value);
  if (!(slope < 0)) return undefined;
  let low = 0;
  let high = Infinity;
  let length = first;
  for (let trial = 0; trial < MAX_TRIALS; trial++) {
    const next = point.slice();
    add(next, direction, length);
    const found = yield next;
    if (!(found.value <= value + DECREASE * length * slope + slack)) high = length;
    else if (dot(found.gradient, direction) < CURVATURE * slope) low = length;
    else return { point: next, ...found };
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
