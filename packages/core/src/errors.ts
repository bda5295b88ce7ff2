/** The kind of an expected failure, for programs. */
export type ErrorCode =
  | 'invalid-options'
  | 'invalid-data'
  | 'shape-mismatch'
  | 'bad-checkpoint'
  | 'non-finite'
  | 'tensor-leak'
  | 'unavailable';

/**
 * The base of every expected failure. Its message is one line that says where, which rule, which value,
 * and the way out; a program's `main` prints it and exits 1. Any other error is a bug and keeps its
 * stack.
 */
export abstract class JanusError extends Error {
  abstract readonly code: ErrorCode;
}

/** A value breaks a rule that the doc comment of its option states. */
export class OptionsError extends JanusError {
  override readonly name = 'OptionsError';
  readonly code = 'invalid-options';
}

/** A file, row or image is not what it should be. */
export class DataError extends JanusError {
  override readonly name = 'DataError';
  readonly code = 'invalid-data';
  /** The file at fault, where there is one. */
  readonly path: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly path?: string } = {}) {
    super(message, options);
    this.path = options.path;
  }
}

/**
 * The machine lacks what a function needs: a network, a compiler, a library, room, or a lock that another
 * process holds.
 */
export class EnvironmentError extends JanusError {
  override readonly name = 'EnvironmentError';
  readonly code = 'unavailable';
}

/** A tensor has the wrong rank, size or dtype. */
export class ShapeError extends JanusError {
  override readonly name = 'ShapeError';
  readonly code = 'shape-mismatch';
}

/** A checkpoint is missing, truncated, or of another architecture or version. */
export class CheckpointError extends JanusError {
  override readonly name = 'CheckpointError';
  readonly code = 'bad-checkpoint';
}

/** A loss or weight is NaN or infinite. */
export class NumericalError extends JanusError {
  override readonly name = 'NumericalError';
  readonly code = 'non-finite';
  /** Updates done before it. */
  readonly step: number;
  /** By name, of that step. */
  readonly losses: Readonly<Record<string, number>>;

  constructor(
    message: string,
    details: { readonly step: number; readonly losses: Readonly<Record<string, number>> },
  ) {
    super(message);
    this.step = details.step;
    this.losses = details.losses;
  }
}

/** The number of tensors grew over a step. */
export class TensorLeakError extends JanusError {
  override readonly name = 'TensorLeakError';
  readonly code = 'tensor-leak';
  /** Tensors that the step left behind. */
  readonly count: number;

  constructor(message: string, count: number) {
    super(message);
    this.count = count;
  }
}
