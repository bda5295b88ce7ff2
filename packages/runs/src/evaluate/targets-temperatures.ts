/** Temperatures of a run of several targets, one a target, fitted on its validation images. */
import { JanusError, type FittedTemperature } from '@janus/core';
import {
  readHeadsDescription,
  saveHeadsDescription,
  type HeadsDescription,
  type TargetDescription,
} from '@janus/models';
import type { TaskItem } from '../classifier/tasks.js';
import { fittedTemperature } from './temperature.js';

/** Where validation images come from. */
export interface ValidationSource {
  /** Returns what the run says of its validation images, by target; called where a temperature is to be fitted. */
  readonly validation: () => Promise<{
    readonly items: readonly TaskItem[];
    readonly logits: readonly (readonly (readonly number[])[])[];
  }>;
  /** Receives a line where a target has none. */
  readonly line: (text: string) => void;
}

/**
 * Returns the targets with their temperatures: those that they have, else fitted on the validation images that have their
 * label. A number has none: its expected value is what it is trained for, and a temperature would change that. The same
 * targets where the validation images cannot be read.
 */
export async function temperedTargets(
  targets: readonly TargetDescription[],
  { validation, line }: ValidationSource,
): Promise<readonly TargetDescription[]> {
  const isOpen = ({ temperature, scale }: TargetDescription): boolean =>
    temperature === undefined && scale === undefined;
  if (!targets.some(isOpen)) return targets;
  try {
    const { items, logits } = await validation();
    return targets.map((target, h) => {
      if (!isOpen(target)) return target;
      const own = items.flatMap(({ labels }, i) => ((labels[h] ?? -1) < 0 ? [] : [i]));
      const found: FittedTemperature | undefined = fittedTemperature(
        {
          labels: own.map((i) => items[i]?.labels[h] ?? -1),
          logits: own.map((i) => logits[h]?.[i] ?? []),
        },
        line,
        target.target,
      );
      return { ...target, temperature: found ?? null };
    });
  } catch (error) {
    if (!(error instanceof JanusError)) throw error;
    line(`Calibration: none, since the run's validation images cannot be read (${error.message})`);
    return targets;
  }
}

/** Keeps the temperatures with a model of several targets; one of a single target has another description. */
export async function saveTargets(folder: string, description: HeadsDescription): Promise<void> {
  if ((await readHeadsDescription(folder)) === undefined) return;
  await saveHeadsDescription(folder, description);
}
