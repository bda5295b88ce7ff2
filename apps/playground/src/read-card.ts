/** What the page says of a run's limits. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  countText,
  estimateText,
  readEvaluation,
  readJsonFile,
  type ClassifierEvaluation,
  type Evaluation,
  type RunRecord,
} from '@janus/core';
import { z } from 'zod';
import type { PageCard } from './page-data.js';

const cardSchema = z.looseObject({
  considerations: z.looseObject({
    limitations: z.array(z.looseObject({ description: z.string() })),
  }),
});

/** What holds of a run without a model card. */
const LIMITS: readonly string[] = [
  'Labels are perceived: a label says how somebody, a record or a program described an image, not who a person is or what they feel or believe.',
  'Not for deciding anything about a person, and not for telling who somebody is.',
  'Images unlike those that the run was trained on have other error rates than those given here.',
];

/** What holds of every run that translates. */
const FAKES =
  'A translated image is synthetic. Say so wherever it is shown, and make none of a person who has not agreed.';

/** Returns what a run's folder says of its figures and limits. */
export async function readCard(folder: string, record: RunRecord): Promise<PageCard> {
  const wayOut = `Evaluate the run again: \`janus evaluate ${folder}\`.`;
  const evaluation = await readEvaluation(join(folder, 'evaluation.json'), record.kind);
  const json = await readJsonFile(join(folder, 'card.json'), cardSchema, wayOut);
  const card = await readFile(join(folder, 'card.md'), 'utf8').catch(() => undefined);
  const own = json?.considerations.limitations.map(({ description }) => plain(description)) ?? [];
  return {
    name: record.name,
    figures: figuresOf(evaluation),
    limits: [...(own.length > 0 ? own : LIMITS), ...(record.kind === 'classifier' ? [] : [FAKES])],
    ...(card === undefined ? {} : { card }),
  };
}

function figuresOf(evaluation: Evaluation | undefined): readonly string[] {
  if (evaluation === undefined) {
    return ['Not evaluated: how often it is right is not known (“janus evaluate” measures it).'];
  }
  if (evaluation.kind === 'classifier') return [figureOf(evaluation)];
  if (evaluation.kind === 'targets') return Object.values(evaluation.targets).map(figureOf);
  return ['Its measures are in the model card below.'];
}

const figureOf = ({ target, split, accuracy, majority, n }: ClassifierEvaluation): string =>
  `${target}: right for ${estimateText(accuracy, n)} of the ${split} images; always naming the commonest of their classes is right for ${countText(Math.round(majority * n))} of ${countText(n)}.`;

/** Returns Markdown without its marks for emphasis and code. */
const plain = (markdown: string): string => markdown.replace(/[*`]/g, '');
