/** The weights of another run that a classifier starts from. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeSafetensors,
  encodeSafetensors,
  OptionsError,
  writeFileAtomic,
  type RunStart,
} from '@janus/core';
import { arraysOf, classNames, loadHeads, variablesOf, type Preprocessing } from '@janus/models';
import { checkSameForm, checkSameStart, hashOfArrays, type StartWeights } from '../start-from.js';
import { readClassifierRun, type ResolvedClassifierOptions } from './options.js';

/** Where a run keeps the weights that it started from: its frozen layers are in no checkpoint. */
const START_FILE = 'start.safetensors';

/** Backbone and head to start from. */
export interface ClassifierStart extends StartWeights {
  /** What the backbone expects. */
  readonly preprocessing: Preprocessing;
}

/** The run that is to start, with its classes in their order. */
export interface ClassifierStarting {
  readonly options: ResolvedClassifierOptions & { readonly from: string };
  readonly classes: readonly string[];
}

/**
 * Returns the weights of a finished classifier run.
 *
 * @throws DataError when the folder holds no classifier run that was finished; OptionsError when its network is
 * of another form or knows other classes
 */
export async function readClassifierStart({
  options,
  classes,
}: ClassifierStarting): Promise<ClassifierStart> {
  const { from } = options;
  const record = await readClassifierRun(from);
  checkSameForm({
    run: from,
    flags: {
      ...{ backbone: '--backbone', cut: '--cut', head: '--head', pooling: '--pooling' },
      ...{ normalisation: '--normalisation', size: '--size' },
    },
    source: record.options,
    asked: options,
  });
  const { joined, description, dispose } = await loadHeads(join(from, 'model'));
  try {
    const own = classNames(description.targets);
    if (own.join('\n') !== classes.join('\n')) {
      throw new OptionsError(
        `--from: the classes must be those of ${from} (${own.join(', ')}), but are ${classes.join(', ')}. Choose the column with --target, or start without --from.`,
      );
    }
    const arrays = await arraysOf(variablesOf(joined, { trainableOnly: false }));
    const step = record.result?.['steps'];
    return {
      arrays,
      preprocessing: description.preprocessing,
      source: {
        run: from,
        step: typeof step === 'number' ? step : 0,
        sha256: hashOfArrays(arrays),
      },
    };
  } finally {
    dispose();
  }
}

/** Writes the weights that a run starts from into its folder. */
export async function keepStart(
  folder: string,
  { arrays, preprocessing }: ClassifierStart,
): Promise<void> {
  await writeFileAtomic(join(folder, START_FILE), encodeSafetensors(arrays, { preprocessing }));
}

/**
 * Returns the weights that a run started from: those it kept, or, when it was stopped before it kept them, those
 * of the run that had them.
 *
 * @throws DataError when these are others by now
 */
export async function keptStart(
  folder: string,
  starting: ClassifierStarting & { readonly source: RunStart },
): Promise<ClassifierStart> {
  const { source } = starting;
  const file = join(folder, START_FILE);
  if (!existsSync(file)) {
    const again = await readClassifierStart(starting);
    checkSameStart(again, source);
    await keepStart(folder, again);
    return again;
  }
  const { arrays, metadata } = decodeSafetensors(await readFile(file), file);
  const kept = { arrays, source: { ...source, sha256: hashOfArrays(arrays) } };
  checkSameStart(kept, source);
  return { ...kept, preprocessing: metadata['preprocessing'] as Preprocessing };
}
