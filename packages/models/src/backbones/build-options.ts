/** Options of `buildBackbone`. */
export interface BuildBackboneOptions {
  /** Side of the square images in pixels, at least 32. */
  readonly imageSize: number;
  /** Seed of the initial weights, for training from scratch; default 1. */
  readonly seed?: number;
}
