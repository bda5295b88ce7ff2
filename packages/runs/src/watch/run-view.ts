/** What the page of runs shows; types alone, which the page's script shares. */

/** What a run does, or how it ended. */
export type RunState =
  'running' | 'stopping' | 'evaluating' | 'stopped' | 'finished' | 'diverged' | 'unreadable';

/** A file of samples that a run has written. */
export interface SampleView {
  /** In the run's `samples/`. */
  readonly name: string;
  /** `after 300 updates`. */
  readonly text: string;
  /** Changes when the file does. */
  readonly version: string;
}

/** A run as the page shows it; text is plain, never markup. */
export interface RunView {
  /** Its path below the folder of runs, with `/` between folders. */
  readonly id: string;
  readonly state: RunState;
  /** The state in words: `stopped, can be resumed`; of an unreadable run the reason. */
  readonly stateText: string;
  /** ISO 8601, UTC; empty where it is not known. */
  readonly started: string;
  /** Updates done, and planned in all; absent where they are not known. */
  readonly progress: { readonly done: number; readonly total?: number } | undefined;
  /** Columns of the list: updates, images per second, time left, newest losses. */
  readonly cells: readonly [string, string, string, string];
  /** What is known of it, by name. */
  readonly facts: readonly (readonly [string, string])[];
  /** The command that resumes it; of a stopped run. */
  readonly command?: string;
  /** Changes when its curves do; 0: there are none. */
  readonly curves: number;
  /** The newest, and of a cycle the way back. */
  readonly samples: readonly SampleView[];
}

/** The curves of a run, in the colours of a theme: Plotly figures. */
export interface CurvesView {
  readonly figures: readonly {
    readonly title: string;
    readonly data: readonly unknown[];
    readonly layout: Readonly<Record<string, unknown>>;
  }[];
}
