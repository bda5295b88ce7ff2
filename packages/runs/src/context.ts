import { SILENT, type Reporter, type StepRecord } from '@janus/core';
import { useEngine, type Engine, type EngineName } from '@janus/engine';
import type { Collapse } from './collapse.js';
import type { Divergence } from './divergence.js';

/** What to do when the run's folder holds a run already. */
export type ExistingRun = 'refuse' | 'resume' | 'overwrite';

/** Where a run goes and who watches it; the same for both trainings, everything optional. */
export interface RunContext {
  /**
   * The run's folder; default `runs/<data>-<target>-<backbone>[-<unfreeze>][-fold<i>]` for a classifier,
   * `runs/cyclegan-<x>-<y>` for a CycleGAN.
   */
  readonly folder?: string;
  /** Default `refuse`. */
  readonly existing?: ExistingRun;
  /**
   * With `existing: 'resume'`, the options of the schedule that may differ from the run's, which is then extended
   * (`epochs` or `fineTuneEpochs` of a classifier's last phase; `constantEpochs`, `decayEpochs` and `maxSteps` of a
   * CycleGAN). Default all of these. A command names those that were given on the command line.
   */
  readonly extend?: readonly string[];
  /** The engine that computes, started here; default `auto`: the best that is available. */
  readonly engine?: EngineName | 'auto';
  /** Ends the run after the step at hand, with a checkpoint to resume from. */
  readonly signal?: AbortSignal;
  /** Default silent. */
  readonly reporter?: Reporter;
  /**
   * Whether the records are also written as event files for TensorBoard, into `tensorboard/` of the run's folder; default:
   * whether the run has such files already.
   */
  readonly tensorboard?: boolean;
  /** Of a CycleGAN: updates after which samples are written, beside those that every run writes; default none. */
  readonly sampleAfter?: readonly number[];
  /** Receives each record after it was written; the run waits for it. */
  readonly onRecord?: (record: StepRecord) => void | Promise<void>;
}

/** How a run ended. */
export interface FinishedRun {
  readonly folder: string;
  /** False when it was interrupted: resume it. */
  readonly finished: boolean;
  /** Updates since the run began, those before a resume included. */
  readonly steps: number;
  /** Wall-clock time of this call. */
  readonly seconds: number;
  /** Training images per second of this call. */
  readonly imagesPerSecond: number;
  /** Most memory that the process has held, MiB. */
  readonly peakRssMb: number;
  /** Set when a loss left the range in which it began, and stayed out. */
  readonly diverged?: Divergence;
  /** Of a CycleGAN: what it has collapsed to at its end; absent where it is well. */
  readonly collapsed?: readonly Collapse[];
}

/** What reading functions take: evaluation, prediction, translation. */
export interface ReadContext {
  /** The engine that computes, started here; default `auto`: the best that is available. */
  readonly engine?: EngineName | 'auto';
  /** Default silent. */
  readonly reporter?: Reporter;
}

/** What reading functions take that can be stopped. */
export interface StoppableContext extends ReadContext {
  /**
   * Ends the work between batches: its reason is thrown, and no file is left half-written. Features that were kept before
   * stay, so that the same call goes on from there. Default never.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Returns whether an error is how work ended that a signal stopped. */
export function isStopped(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && error === signal.reason;
}

/** Starts the engine of a context and reports which it is. */
export async function startEngine(context: ReadContext): Promise<Engine> {
  const { engine: name = 'auto', reporter = SILENT } = context;
  const engine = await useEngine({ engine: name });
  reporter.log(engine.line);
  return engine;
}
