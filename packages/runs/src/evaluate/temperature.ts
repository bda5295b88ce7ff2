/** The temperature of a run's probabilities, fitted on its validation images and kept with its model. */
import { join } from 'node:path';
import { fitTemperature, JanusError, type FittedTemperature } from '@janus/core';
import { saveDescription } from '@janus/models';
import {
  measuredImages,
  openRunData,
  type MeasuredItem,
  type MeasuredRun,
} from './measured-items.js';

/** Fewest images that a temperature is fitted on: below, it says more about them than about the network. */
export const MIN_CALIBRATION_IMAGES = 20;

/** Returns the logits of images. */
export type PredictItems = (
  items: readonly MeasuredItem[],
  of: { readonly folder: string; readonly label: string },
) => Promise<readonly (readonly number[])[]>;

/**
 * Returns the temperature of a run: the one that is kept with its model, else one fitted on its validation images, which is
 * then kept. Undefined where there are too few of them, they are not available, or none fits; a line says so.
 */
export async function temperatureOfRun(
  run: MeasuredRun,
  source: { readonly data: string; readonly predict: PredictItems },
): Promise<FittedTemperature | undefined> {
  const { folder, description, reporter } = run;
  if (description.temperature !== undefined) return description.temperature ?? undefined;
  const found = await validationLogits(run, source);
  if (found === undefined) return undefined;
  const temperature = fittedTemperature(found, reporter.log) ?? null;
  await saveDescription(join(folder, 'model'), { ...description, temperature });
  return temperature ?? undefined;
}

/** What a network said of validation images, and their class numbers. */
interface ValidationLogits {
  readonly labels: readonly number[];
  readonly logits: readonly (readonly number[])[];
}

/**
 * Returns the temperature of validation images; undefined, with a line, where they are too few or none of them is wrong.
 *
 * @param name of the target, where a run has several
 */
export function fittedTemperature(
  { labels, logits }: ValidationLogits,
  line: (text: string) => void,
  name?: string,
): FittedTemperature | undefined {
  const n = labels.length;
  const value = n < MIN_CALIBRATION_IMAGES ? undefined : fitTemperature(logits, labels);
  if (value !== undefined) return { value, n, split: 'validation' };
  line(
    `Calibration${name === undefined ? '' : ` of ${name}`}: none, since ${n < MIN_CALIBRATION_IMAGES ? `${n} validation images are too few` : `the ${n} validation images have no mistake that tells how sure to be`}. Probabilities stay the network's own.`,
  );
  return undefined;
}

async function validationLogits(
  run: MeasuredRun,
  { data, predict }: { readonly data: string; readonly predict: PredictItems },
): Promise<ValidationLogits | undefined> {
  try {
    const dataset = await openRunData(data);
    const { items } = await measuredImages(
      { ...run, reporter: { ...run.reporter, log: () => undefined } },
      { dataset, split: 'validation', named: false },
    );
    const logits = await predict(items, { folder: dataset.folder, label: 'calibrating' });
    return { labels: items.map(({ label }) => label), logits };
  } catch (error) {
    if (!(error instanceof JanusError)) throw error;
    run.reporter.log(
      `Calibration: none, since the run's validation images cannot be read (${error.message})`,
    );
    return undefined;
  }
}
