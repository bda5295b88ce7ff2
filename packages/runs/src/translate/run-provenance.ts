/** What the files that a run makes say about how they were made. */
import { basename, resolve } from 'node:path';
import type { RunKind, RunRecord } from '@janus/core';
import type { Provenance } from '@janus/images';
import { VERSION } from '../version.js';

/** What the kinds of run are called. */
const NAMES: Readonly<Record<RunKind, string>> = {
  classifier: 'classifier',
  cyclegan: 'CycleGAN',
  cut: 'CUT',
  stargan: 'StarGAN',
  icgan: 'IcGAN',
};

/**
 * Returns the provenance of a run's translations. It names the run by its folder's name and its start, never by a path.
 *
 * @param asked `what` was asked for; `how` how a photo reached the network, as part of a sentence
 */
export function runProvenance(
  { folder, record }: { readonly folder: string; readonly record: RunRecord<unknown> },
  { what, how }: { readonly what: string; readonly how: string },
): Provenance {
  const run = `run ${basename(resolve(folder))} (${record.name}, started ${record.started})`;
  return {
    program: `Janus ${VERSION}`,
    model: `${NAMES[record.kind]}, ${run}, ${what}`,
    description: `Synthetic: a photo translated by a neural network (${how}), ${run}, ${what}. It does not show what the camera saw.`,
  };
}
