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
import type { ClassifierRunOptions } from './options.js';

/** The run that a state is of. */
interface StateOf {
  readonly folder: string;
  readonly options: ClassifierRunOptions;
}

const architectureOf = ({
  backbone,
  head,
  pooling,
  size,
  unfreeze,
}: ClassifierRunOptions): string =>
  JSON.stringify({ kind: 'classifier', backbone, head, pooling, size, unfreeze });

/** The part of a checkpoint that is not arrays. */
type SavedState = ClassifierProgress & { readonly phase: ClassifierPhase };

/** Writes a checkpoint of a phase after `step` updates of the run. */
export async function saveState(
  training: ClassifierTraining,
  { folder, options, step }: StateOf & { readonly step: number },
): Promise<void> {
  const { arrays, progress } = await snapshotOfClassifier(training);
  const { cursor, ...numbers } = progress;
  await saveCheckpoint(join(folder, 'checkpoints'), {
    step,
    arrays,
    state: { ...numbers, cursor: { ...cursor }, phase: training.options.phase },
    architecture: architectureOf(options),
  });
}

/** What a resumed run begins with. */
export interface ResumedState extends ClassifierSnapshot {
  readonly phase: ClassifierPhase;
  /** Updates of the run so far. */
  readonly steps: number;
}

/** Returns the state in a run's last checkpoint; undefined where there is none. */
export async function readState({ folder, options }: StateOf): Promise<ResumedState | undefined> {
  const path = await latestCheckpoint(join(folder, 'checkpoints'));
  if (path === undefined) return undefined;
  const architecture = architectureOf(options);
  const { step, arrays, state } = await loadCheckpoint(path, { architecture });
  const { phase, ...progress } = state as unknown as SavedState;
  return { phase, steps: step, progress, arrays };
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
