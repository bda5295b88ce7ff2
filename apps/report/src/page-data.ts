/** What the page's script reads: the runs as they are compared, and the colours of the dark theme. */
import type { RunKind } from '@janus/core';

/** A measure of a run, as a reader sees it. */
export interface PageMeasure {
  readonly name: string;
  /** With interval and n where it has them: `94.0 % (90.7–96.1 %, n = 298)`. */
  readonly text: string;
}

/** A run as it is compared with another. */
export interface PageRun {
  /** Of its section. */
  readonly id: string;
  readonly name: string;
  readonly kind: RunKind;
  /** The command that trains it. */
  readonly command: string;
  /** By name, each as a reader writes it. */
  readonly options: Readonly<Record<string, string>>;
  readonly measures: readonly PageMeasure[];
  /** Id of the figure with its curves; null where it has none. */
  readonly curves: string | null;
}

/** What the page's script is given. */
export interface PageData {
  readonly runs: readonly PageRun[];
  /** Colours of the light theme and what they become in the dark one. */
  readonly swap: Readonly<Record<string, string>>;
  /** Colour of muted text in both themes, light first: it stands inside of titles. */
  readonly muted: readonly [string, string];
}
