import {
  countText,
  directionsOf,
  evaluatedImagesText,
  evenly,
  html,
  type Html,
  measureNotes,
  type MeasureRow,
  measureRows,
  type NamedDirection,
  reconstructionRows,
  type ReconstructionsEvaluation,
  type RunKind,
  translationTitle,
  type TranslationEvaluation,
  translationVerdict,
} from '@janus/core';
import { accuracyIntervals, ganLosses } from '@janus/figures';
import { table } from './html.js';
import { figureBlock, imageBlock, type CaptionedFigure, type Section } from './page-parts.js';
import { pictureTag } from './page-images.js';
import type { TranslationRun } from './read-runs.js';
import { optionText } from './run-text.js';

const MEASURES_NOTE = html`<p class="muted small">95 % intervals in brackets. The originals show what no translation at all would get; twins, the same generated faces drawn with the other value, what a perfect one would. Differences of images are of signed pixels, 0 to 2.</p>`;

/** Sample grids that the page shows of the training's progress, from the first to the last. */
const MAX_SAMPLES = 6;

/** Pixels of a sample grid's width: twice what it takes on the page. */
const SAMPLE_PX = 640;

/** Kinds as a reader names them. */
const NAMES: Readonly<Record<Exclude<RunKind, 'classifier'>, string>> = {
  ...{ cyclegan: 'CycleGAN', cut: 'CUT', stargan: 'StarGAN', icgan: 'IcGAN' },
};

/** Returns which images the measures are about; nothing for a file of an earlier version. */
function imagesNote(directions: readonly NamedDirection[]): Html {
  const words = directions.flatMap(({ from, result: { images, n } }) =>
    images === undefined ? [] : [`Images of ${from}: ${evaluatedImagesText(images, n)}.`],
  );
  const said = [...new Set(words)];
  return said.length === 0 ? html`` : html`<p class="muted small">${said.join(' ')}</p>`;
}

/** Returns the measures of a direction, with what they mean. */
function directionBlock(
  { to, result: direction }: NamedDirection,
  { features }: TranslationEvaluation,
): Html {
  const rows = measureRows(direction, { to, features });
  const columns = (['fakes', 'originals', 'twins'] as const).filter((key) =>
    rows.some((row) => row[key] !== undefined),
  );
  return html`<p>${translationVerdict(direction, { to })}</p>
${table(
  [
    { title: 'Measure', cell: (row: MeasureRow) => row.measure },
    ...columns.map((key) => ({
      title: HEADS[key],
      cell: (row: MeasureRow) => row[key] ?? '',
      numeric: true,
    })),
  ],
  rows,
)}
<p class="muted small">${measureNotes(direction).join(' ')}</p>`;
}

const HEADS = { fakes: 'Fakes', originals: 'Originals', twins: 'Twins' } as const;

const headingOf = ({ from, to, result: { n } }: NamedDirection): string =>
  `${from} → ${to} (n = ${countText(n)})`;

/** Returns the sheet of a change of an attribute and its measures, closed until a reader opens it: there may be dozens. */
async function changeBlock(
  direction: NamedDirection,
  sheet: string | undefined,
  evaluation: TranslationEvaluation,
): Promise<Html> {
  const { from, to } = direction;
  const image = sheet === undefined ? html`` : await sheetBlock(sheet, `${from} → ${to}`);
  return html`<details><summary>${headingOf(direction)}</summary>
${image}
${directionBlock(direction, evaluation)}</details>`;
}

/** Returns all that was measured: of two domains both directions, of attributes each change. */
async function measuresBlock(
  run: TranslationRun,
  evaluation: TranslationEvaluation,
): Promise<Html> {
  const directions = directionsOf(evaluation);
  const notes = html`${imagesNote(directions)}${MEASURES_NOTE}`;
  if (!('changes' in evaluation)) {
    return html`${directions.map(
      (direction) => html`<h3>${headingOf(direction)}</h3>
${directionBlock(direction, evaluation)}`,
    )}${notes}`;
  }
  const { changes, reconstructions } = evaluation;
  const blocks = await Promise.all(
    directions.map((direction, i) => {
      const { attribute = '', from = '', to = '' } = changes[i] ?? {};
      return changeBlock(direction, run.samples.get([attribute, from, to].join('-')), evaluation);
    }),
  );
  return html`<h3>Changes of attributes</h3>
${blocks}${reconstructions === undefined ? '' : reconstructionsBlock(reconstructions)}${notes}`;
}

/** Returns how faces are made again without a change. */
function reconstructionsBlock(reconstructions: ReconstructionsEvaluation): Html {
  const [heads = [], ...rows] = reconstructionRows(reconstructions);
  const columns = heads.map((title, i) => ({
    title,
    cell: (row: readonly string[]) => row[i] ?? '',
    numeric: i > 0,
  }));
  return html`<h3>Made again without a change (n = ${countText(reconstructions.n)})</h3>
${table(columns, rows)}`;
}

async function progressBlock(run: TranslationRun): Promise<Html> {
  const steps = [...run.samples]
    .flatMap(([name, path]) => {
      const match = /^step-0*(\d+)$/.exec(name);
      return match === null ? [] : [{ step: Number(match[1]), path }];
    })
    .sort((a, b) => a.step - b.step);
  if (steps.length === 0) return html``;
  const shown = await Promise.all(
    evenly(steps, MAX_SAMPLES).map(async ({ step, path }) => ({
      step,
      image: await pictureTag(path, {
        alt: `Samples after ${step} updates`,
        maxWidth: SAMPLE_PX,
      }),
    })),
  );
  return html`<h3>Samples while training</h3>
<div class="progress">${shown.map(
    ({ step, image }) =>
      html`<figure class="image">${image}<figcaption>after ${countText(step)} updates</figcaption></figure>`,
  )}</div>`;
}

/** Returns nothing where no classifier judged. */
function judgedFigures(
  run: TranslationRun,
  evaluation: TranslationEvaluation,
): readonly CaptionedFigure[] {
  const { judge } = evaluation;
  const rows = directionsOf(evaluation).flatMap(({ from, to, result: { n, judgedAsTarget } }) =>
    judgedAsTarget === undefined ? [] : [{ label: `${from} → ${to}`, ...judgedAsTarget, n }],
  );
  if (rows.length === 0) return [];
  return [
    {
      id: `${run.id}-judged`,
      figure: accuracyIntervals(rows, {
        title: 'Fakes judged as the other value',
        quantity: 'Judged as target (% of translated test images)',
        reference: { value: 0.5, label: 'no preference 50 %' },
      }),
      caption: html`How often an independent classifier takes a translated face for the other value.
        Judge: ${judge}.`,
    },
  ];
}

/** @param words what it shows: `The paper’s Figure 6, a → b` */
async function sheetBlock(path: string, words: string): Promise<Html> {
  return await imageBlock(path, {
    alt: `${words}: originals above, their translations below`,
    caption: html`${words}: originals above, their <b>generated</b> fakes below, and where there is a third row, the fakes
      translated back.`,
  });
}

/** Returns the paper's Figure 6 of each direction that has one. */
async function figureSixBlocks(run: TranslationRun): Promise<readonly Html[]> {
  const directions = run.evaluation === undefined ? [] : directionsOf(run.evaluation);
  const blocks = ['figure6', 'figure6-back'].map(async (name, i) => {
    const path = run.samples.get(name);
    const direction = directions[i];
    const about = direction === undefined ? '' : `, ${direction.from} → ${direction.to}`;
    return path === undefined ? html`` : await sheetBlock(path, `The paper’s Figure 6${about}`);
  });
  return await Promise.all(blocks);
}

/** Returns one translation: Figure 6 or a sheet a change, measures of all directions, losses, samples over time. */
export async function translationSection(run: TranslationRun): Promise<Section> {
  const { evaluation, kind } = run;
  const judged = evaluation === undefined ? [] : judgedFigures(run, evaluation);
  const curves: CaptionedFigure[] =
    run.metrics.length === 0
      ? []
      : [
          {
            id: `${run.id}-losses`,
            figure: ganLosses(run.metrics, { title: `${NAMES[kind]} losses` }),
            caption:
              'Not a measure of quality: the two sides compete. Look for a discriminator whose loss goes to 0 (its generator learns nothing more) and for a loss of cycle or reconstruction that still falls.',
          },
        ];
  const body = html`
<p class="lead">${optionText(run.record)}</p>
${await figureSixBlocks(run)}
${
  evaluation === undefined
    ? html`<p class="note">Not evaluated yet: <code>janus evaluate ${run.name}</code> adds how often a classifier takes the fakes for the other value.</p>`
    : await measuresBlock(run, evaluation)
}
${judged.map(figureBlock)}
${curves.map(figureBlock)}
${await progressBlock(run)}`;
  const words = evaluation === undefined ? run.name : translationTitle(evaluation);
  return {
    id: run.id,
    title: `Translation (${NAMES[kind]}): ${words}`,
    body,
    figures: [...judged, ...curves],
  };
}
