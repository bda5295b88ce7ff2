/** Where a classifier's training stands, in the checkpoints of its run's folder. */
import { join } from 'node:path';
import { writeFileAtomic, type Reporter } from '@janus/core';
import {
  latestCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
  snapshotOfClassifier,
  type ClassifierPhase,
  type ClassifierProgress,
  type ClassifierSnapshot,
  type ClassifierTraining,
} from '@janus/models';
import { keepMetricsUpTo } from '../run-folder.js';
import type { ResolvedClassifierOptions } from './options.js';

/** The run that a state is of. */
interface StateOf {
  readonly folder: string;
  readonly options: ResolvedClassifierOptions;
}

function architectureOf(options: ResolvedClassifierOptions): string {
  const { backbone, cut, head, pooling, normalisation, size, unfreeze } = options;
  const later = cut === 'last' && normalisation === 'none' ? {} : { cut, normalisation };
  return JSON.stringify({ kind: 'classifier', backbone, head, pooling, size, unfreeze, ...later });
}

/** The part of a checkpoint that is not arrays. */
interface SavedState extends ClassifierProgress {
  readonly phase: ClassifierPhase;
  /** Updates and epochs of the phases before; absent in runs of earlier versions. */
  readonly stepsBefore?: number;
  readonly epochsBefore?: number;
}

/** Writes a checkpoint of a phase after `step` updates of the run. */
export async function saveState(
  training: ClassifierTraining,
  { folder, options, step }: StateOf & { readonly step: number },
): Promise<void> {
  const { arrays, progress } = await snapshotOfClassifier(training);
  const { cursor, ...numbers } = progress;
  const { phase, stepsBefore = 0, epochsBefore = 0 } = training.options;
  await saveCheckpoint(join(folder, 'checkpoints'), {
    step,
    arrays,
    state: { ...numbers, cursor: { ...cursor }, phase, stepsBefore, epochsBefore },
    architecture: architectureOf(options),
  });
}

/** What a resumed run begins with. */
export interface ResumedState extends ClassifierSnapshot {
  readonly phase: ClassifierPhase;
  /** Updates of the run so far. */
  readonly steps: number;
  /** Updates and epochs of the phases before; undefined in runs of earlier versions. */
  readonly before: { readonly steps: number; readonly epochs: number } | undefined;
}

/** Returns the state in a run's last checkpoint; undefined where there is none. */
export async function readState({ folder, options }: StateOf): Promise<ResumedState | undefined> {
  const path = await latestCheckpoint(join(folder, 'checkpoints'));
  if (path === undefined) return undefined;
  const architecture = architectureOf(options);
  const { step, arrays, state } = await loadCheckpoint(path, { architecture });
  const { phase, stepsBefore, epochsBefore, ...progress } = state as unknown as SavedState;
  const before =
    stepsBefore === undefined || epochsBefore === undefined
      ? undefined
      : { steps: stepsBefore, epochs: epochsBefore };
  return { phase, steps: step, before, progress, arrays };
}

/** Returns the state that a run resumes from, and drops the metrics that came after it. */
export async function loadState(
  run: StateOf & { readonly reporter: Reporter },
): Promise<ResumedState | undefined> {
  const { folder, reporter } = run;
  const state = await readState(run);
  if (state === undefined) {
    await writeFileAtomic(join(folder, 'metrics.jsonl'), '');
    return undefined;
  }
  await keepMetricsUpTo(folder, state.steps);
  reporter.log(`Resuming after step ${state.steps} (${state.phase}).`);
  return state;
}
