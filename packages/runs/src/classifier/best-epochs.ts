/** The weights of a run's best epochs: `checkpoints/best/`, a file each, with a list of them. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DataError,
  encodeSafetensors,
  writeFileAtomic,
  writeJson,
  type StepRecord,
} from '@janus/core';
import { weightsInUse, type ClassifierPhase, type ClassifierTraining } from '@janus/models';

/** An epoch whose weights were kept. */
export interface BestEpoch {
  /** In the folder: a .safetensors file with what the phase trains, under the layers' names. */
  readonly file: string;
  readonly phase: ClassifierPhase;
  /** Epochs of the run so far. */
  readonly epoch: number;
  /** Updates of the run so far. */
  readonly step: number;
  /** Validation loss, nats. */
  readonly loss: number;
  /** On the validation split, 0 to 1. */
  readonly accuracy: number;
}

const folderOf = (run: string): string => join(run, 'checkpoints', 'best');
const listOf = (run: string): string => join(folderOf(run), 'best.json');

/**
 * Returns the epochs whose weights a run has kept, each phase's best first.
 *
 * @throws DataError when the list is damaged
 */
export async function readBestEpochs(run: string): Promise<readonly BestEpoch[]> {
  const path = listOf(run);
  if (!existsSync(path)) return [];
  try {
    return JSON.parse(await readFile(path, 'utf8')) as BestEpoch[];
  } catch (error) {
    throw new DataError(
      `${path}: must list the best epochs, but is damaged. Remove the folder; training makes it again.`,
      { path, cause: error },
    );
  }
}

/** Keeps the weights of an epoch if it is among the best `keep` of its phase; `record` is its validation. */
export async function keepIfBest(
  run: string,
  training: ClassifierTraining,
  { record, keep }: { readonly record: StepRecord; readonly keep: number },
): Promise<void> {
  const { phase } = training.options;
  const { epoch, step, losses, metrics } = record;
  const file = `${phase}-epoch-${String(epoch).padStart(4, '0')}.safetensors`;
  const own: BestEpoch = {
    ...{ file, phase, epoch, step },
    loss: losses['crossEntropy'] ?? NaN,
    accuracy: metrics?.['accuracy'] ?? NaN,
  };
  const before = (await readBestEpochs(run)).filter((each) => each.file !== file);
  const others = before.filter((each) => each.phase !== phase);
  const ranked = [...before.filter((each) => each.phase === phase), own].sort(
    (a, b) => a.loss - b.loss || a.epoch - b.epoch,
  );
  const kept = ranked.slice(0, keep);
  if (!kept.includes(own)) return;
  await mkdir(folderOf(run), { recursive: true });
  const arrays = encodeSafetensors(await weightsInUse(training));
  await writeFileAtomic(join(folderOf(run), file), arrays);
  // The list before the files that it no longer names: what it names is there at any moment.
  await writeJson(listOf(run), [...others, ...kept]);
  await removeFiles(run, ranked.slice(keep));
}

/** Drops the epochs that came after the checkpoint from which a run is resumed; they will be trained again. */
export async function dropBestAfter(run: string, step: number): Promise<void> {
  const all = await readBestEpochs(run);
  const gone = all.filter((each) => each.step > step);
  if (gone.length === 0) return;
  await writeJson(
    listOf(run),
    all.filter((each) => each.step <= step),
  );
  await removeFiles(run, gone);
}

async function removeFiles(run: string, epochs: readonly BestEpoch[]): Promise<void> {
  for (const { file } of epochs) await rm(join(folderOf(run), file), { force: true });
}
