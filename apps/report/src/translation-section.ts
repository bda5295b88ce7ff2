import {
  countText,
  type CycleGanEvaluation,
  type DirectionEvaluation,
  evaluatedImagesText,
  evenly,
  html,
  type Html,
  measureNotes,
  type MeasureRow,
  measureRows,
  translationVerdict,
} from '@janus/core';
import { accuracyIntervals, ganLosses } from '@janus/figures';
import { table } from './html.js';
import { figureBlock, imageBlock, type CaptionedFigure, type Section } from './page-parts.js';
import { pictureTag } from './page-images.js';
import type { CycleGanRun } from './read-runs.js';
import { optionText } from './run-text.js';

const MEASURES_NOTE = html`<p class="muted small">95 % intervals in brackets. The originals show what no translation at all would get; twins, the same generated faces drawn with the other value, what a perfect one would. Differences of images are of signed pixels, 0 to 2.</p>`;

/** Sample grids that the page shows of the training's progress, from the first to the last. */
const MAX_SAMPLES = 6;

/** Pixels of a sample grid's width: twice what it takes on the page. */
const SAMPLE_PX = 640;

/** Returns which images the measures are about; nothing for a file of an earlier version. */
function imagesNote({ domains, xToY, yToX }: CycleGanEvaluation): Html {
  const words = [[domains.x, xToY] as const, [domains.y, yToX] as const].flatMap(
    ([title, { images, n }]) =>
      images === undefined ? [] : [`Images of ${title}: ${evaluatedImagesText(images, n)}.`],
  );
  return words.length === 0 ? html`` : html`<p class="muted small">${words.join(' ')}</p>`;
}

/** The measures of both directions, each with what they mean. */
function measuresBlock({ domains, xToY, yToX, features }: CycleGanEvaluation): Html {
  return html`${directionBlock([domains.x, domains.y], xToY, features)}${directionBlock([domains.y, domains.x], yToX, features)}`;
}

function directionBlock(
  [from, to]: readonly [string, string],
  direction: DirectionEvaluation,
  features: CycleGanEvaluation['features'],
): Html {
  const rows = measureRows(direction, { to, features });
  const columns = (['fakes', 'originals', 'twins'] as const).filter((key) =>
    rows.some((row) => row[key] !== undefined),
  );
  return html`<h3>${from} → ${to} (n = ${countText(direction.n)})</h3>
<p>${translationVerdict(direction, { to })}</p>
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

async function progressBlock(run: CycleGanRun): Promise<Html> {
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
function judgedFigures(run: CycleGanRun, evaluation: CycleGanEvaluation): CaptionedFigure[] {
  const { domains, xToY, yToX, judge } = evaluation;
  const rows = [
    { label: `${domains.x} → ${domains.y}`, direction: xToY },
    { label: `${domains.y} → ${domains.x}`, direction: yToX },
  ].flatMap(({ label, direction: { n, judgedAsTarget } }) =>
    judgedAsTarget === undefined ? [] : [{ label, ...judgedAsTarget, n }],
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

async function figureSixBlock(
  path: string,
  domains: CycleGanEvaluation['domains'] | undefined,
  back: boolean,
): Promise<Html> {
  const [from, to] = back ? [domains?.y, domains?.x] : [domains?.x, domains?.y];
  return imageBlock(path, {
    alt: 'Originals above, their translations below',
    caption: html`The paper’s Figure 6${from === undefined || to === undefined ? '' : `, ${from} → ${to}`}:
      originals above, their <b>generated</b> fakes below, and where there is a third row, the fakes
      translated back.`,
  });
}

/** Returns one CycleGAN: Figure 6, measures both ways, losses, samples over time. */
export async function translationSection(run: CycleGanRun): Promise<Section> {
  const { evaluation } = run;
  const sheets = [run.samples.get('figure6'), run.samples.get('figure6-back')].filter(
    (path) => path !== undefined,
  );
  const judged = evaluation === undefined ? [] : judgedFigures(run, evaluation);
  const curves: CaptionedFigure[] =
    run.metrics.length === 0
      ? []
      : [
          {
            id: `${run.id}-losses`,
            figure: ganLosses(run.metrics),
            caption:
              'Not a measure of quality: the two sides compete. Look for a discriminator whose loss goes to 0 (its generator learns nothing more) and for a cycle loss that still falls.',
          },
        ];
  const body = html`
<p class="lead">${optionText(run.record)}</p>
${await Promise.all(sheets.map((path, i) => figureSixBlock(path, evaluation?.domains, i === 1)))}
${
  evaluation === undefined
    ? html`<p class="note">Not evaluated yet: <code>janus evaluate ${run.name}</code> adds how often a classifier takes the fakes for the other value.</p>`
    : html`${measuresBlock(evaluation)}${imagesNote(evaluation)}${MEASURES_NOTE}`
}
${judged.map(figureBlock)}
${curves.map(figureBlock)}
${await progressBlock(run)}`;
  const words =
    evaluation === undefined ? run.name : `${evaluation.domains.x} ↔ ${evaluation.domains.y}`;
  return { id: run.id, title: `Translation: ${words}`, body, figures: [...judged, ...curves] };
}
