/** What the files that a run makes say about how they were made. */
import { basename, resolve } from 'node:path';
import type { RunRecord } from '@janus/core';
import type { Provenance } from '@janus/images';
import { VERSION } from '../version.js';
import type { Direction } from './direction.js';

/**
 * Returns the provenance of a run's translations. It names the run by its folder's name and its start, never by a path.
 *
 * @param how how a photo reached the network, as part of a sentence
 */
export function runProvenance(
  { folder, record }: { readonly folder: string; readonly record: RunRecord<unknown> },
  { direction, how }: { readonly direction: Direction; readonly how: string },
): Provenance {
  const run = `run ${basename(resolve(folder))} (${record.name}, started ${record.started})`;
  return {
    program: `Janus ${VERSION}`,
    model: `CycleGAN, ${run}, direction ${direction}`,
    description: `Synthetic: a photo translated by a neural network (${how}), ${run}, direction ${direction}. It does not show what the camera saw.`,
  };
}
