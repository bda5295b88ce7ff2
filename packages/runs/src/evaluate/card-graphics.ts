/** The images of a model card for programs: files of a run, in base64. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { directionsOf, type TranslationEvaluation } from '@janus/core';
import { EVALUATION_FIGURES } from '@janus/figures';
import { FIGURES_FOLDER } from '../figure-files.js';
import type { CardGraphics } from './card-fields.js';

/** Larger files stay out, in bytes: a card is read as text. */
const MAX_BYTES = 1_000_000;

/**
 * Returns the figures of a classifier's evaluation: those in `figures/` of its run. None of them shows an image of a person.
 *
 * @param of the targets whose figures are named after them; default none
 * @returns undefined where there are none
 */
export async function evaluationGraphics(
  run: string,
  of: readonly string[] = [],
): Promise<CardGraphics | undefined> {
  const endings = ['', ...of.map((target) => `-${target}`)];
  const names = endings.flatMap((ending) => EVALUATION_FIGURES.map((name) => `${name}${ending}`));
  return await collect(join(run, FIGURES_FOLDER), {
    description: 'Figures of the evaluation: what the metrics say, drawn.',
    names,
  });
}

/**
 * Returns sheets of originals and fakes of a translation, files in `samples/` of its run, where both are generated faces:
 * photographs of people do not go into a card, which is handed on.
 *
 * @param sheets names without ending
 * @returns undefined where there are none
 */
export async function translationGraphics(
  run: string,
  evaluation: TranslationEvaluation,
  sheets: readonly string[],
): Promise<CardGraphics | undefined> {
  if (!isOfGeneratedFaces(evaluation)) return undefined;
  return await collect(join(run, 'samples'), {
    description: 'Generated faces beside their translations, which are fakes.',
    names: sheets,
  });
}

/** Whether a translation was measured on generated faces alone: only they have twins. */
export const isOfGeneratedFaces = (evaluation: TranslationEvaluation): boolean =>
  directionsOf(evaluation).every(({ result }) => result.twinError !== undefined);

async function collect(
  folder: string,
  { names, description }: { readonly names: readonly string[]; readonly description: string },
): Promise<CardGraphics | undefined> {
  const collection: CardGraphics['collection'][number][] = [];
  for (const name of names) {
    const file = join(folder, `${name}.png`);
    if (!existsSync(file)) continue;
    const bytes = await readFile(file);
    if (bytes.length <= MAX_BYTES) collection.push({ name, image: bytes.toString('base64') });
  }
  return collection.length === 0 ? undefined : { description, collection };
}
