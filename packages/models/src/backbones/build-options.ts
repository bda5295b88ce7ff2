/** Options of `buildBackbone`. */
export interface BuildBackboneOptions {
  /** Height of the images in pixels, and their width, at least 32. */
  readonly imageSize: number;
  /** Width, if it is another, at least 32. */
  readonly imageWidth?: number;
  /** Seed of the initial weights, for training from scratch; default 1. */
  readonly seed?: number;
}
