import {
  countText,
  type CycleGanEvaluation,
  type DirectionEvaluation,
  evaluatedImagesText,
  evenly,
  html,
  type Html,
  type Interval,
  percentText,
  rangeText,
  raw,
} from '@janus/core';
import { accuracyIntervals, ganLosses } from '@janus/figures';
import { table } from './html.js';
import {
  dataUri,
  figureBlock,
  imageBlock,
  type CaptionedFigure,
  type Section,
} from './page-parts.js';
import type { CycleGanRun } from './read-runs.js';
import { optionText } from './run-text.js';

/** Sample grids that the page shows of the training's progress, from the first to the last. */
const MAX_SAMPLES = 6;

const MEASURES: Readonly<Record<string, string>> = {
  judgedAsTarget: 'Judged as the other value',
  originalsJudgedAsTarget: 'Originals judged so (before translation)',
  judgeTrainedOn: 'Originals that the judge was trained on',
  cycleL1: 'Cycle error, mean |F(G(x)) - x| (0 to 2, signed pixels)',
  changeL1: 'Change, mean |G(x) - x| (0 to 2, signed pixels)',
  kid: 'Kernel distance to the real images of the other value (0: no difference; it can fall a little below)',
  frechet: 'Fréchet distance, over the same features',
  twinErrorFeatures:
    'Twin error in features: distance to the same face drawn with the other value (0: perfect, 1: no better than no change)',
  twinErrorPixels: 'Twin error in pixels',
  twinsJudgedAsTarget: 'The twins themselves, judged as the other value',
  identityL1: 'Identity error, mean |G(y) - y|',
};

const isInterval = (value: unknown): value is Interval =>
  typeof value === 'object' &&
  value !== null &&
  'value' in value &&
  'low' in value &&
  'high' in value;

/** Returns a measure with its interval or protocol; `undefined` for what is not a measure. */
export function measureText(name: string, value: unknown): string | undefined {
  const plain = (number: number): string => String(Number(number.toPrecision(3)));
  if (typeof value === 'number') return plain(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const { value: inner, protocol, originals } = value as Readonly<Record<string, unknown>>;
  if (typeof inner !== 'number') return undefined;
  const rate = /judged|rate|share|accuracy/i.test(name);
  const text = rate ? percentText(inner) : plain(inner);
  const range = isInterval(value)
    ? ` (${rate ? rangeText(value) : `${plain(value.low)}–${plain(value.high)}`})`
    : '';
  const before = typeof originals === 'number' ? `, before translation ${plain(originals)}` : '';
  return `${text}${range}${before}${typeof protocol === 'string' ? `; ${protocol}` : ''}`;
}

/** Returns which images the measures are about; nothing for a file of an earlier version. */
function imagesNote({ domains, xToY, yToX }: CycleGanEvaluation): Html {
  const words = [[domains.x, xToY] as const, [domains.y, yToX] as const].flatMap(
    ([title, { images, n }]) =>
      images === undefined ? [] : [`Images of ${title}: ${evaluatedImagesText(images, n)}.`],
  );
  return words.length === 0 ? html`` : html`<p class="muted small">${words.join(' ')}</p>`;
}

const measureName = (name: string): string =>
  MEASURES[name] ??
  name.replace(/([a-z])([A-Z0-9])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);

/** Returns a direction's measures by name, those of its twins among them. */
function measuresOf(direction: DirectionEvaluation): Readonly<Record<string, unknown>> {
  const { twinError, twins, ...own } = direction;
  return {
    ...own,
    ...(twinError === undefined
      ? {}
      : {
          twinErrorFeatures: { value: twinError.features, ...twinError.ranges.features },
          twinErrorPixels: { value: twinError.pixels, ...twinError.ranges.pixels },
        }),
    ...(twins === undefined ? {} : { twinsJudgedAsTarget: twins.judgedAsTarget }),
  };
}

function measuresTable(evaluation: CycleGanEvaluation): Html {
  const { xToY, yToX } = evaluation;
  const [ofX, ofY] = [measuresOf(xToY), measuresOf(yToX)];
  const names = [...new Set([...Object.keys(ofX), ...Object.keys(ofY)])].filter(
    (name) => name !== 'n',
  );
  const rows = names.flatMap((name) => {
    const row = { name, xToY: measureText(name, ofX[name]), yToX: measureText(name, ofY[name]) };
    return row.xToY === undefined && row.yToX === undefined ? [] : [row];
  });
  const title = (direction: DirectionEvaluation, words: string): string =>
    `${words} (n = ${countText(direction.n)})`;
  return table(
    [
      { title: 'Measure', cell: (row) => measureName(row.name) },
      {
        title: title(xToY, `${evaluation.domains.x} → ${evaluation.domains.y}`),
        cell: (row) => row.xToY ?? 'not measured',
        numeric: true,
      },
      {
        title: title(yToX, `${evaluation.domains.y} → ${evaluation.domains.x}`),
        cell: (row) => row.yToX ?? 'not measured',
        numeric: true,
      },
    ],
    rows,
  );
}

async function progressBlock(run: CycleGanRun): Promise<Html> {
  const steps = [...run.samples]
    .flatMap(([name, path]) => {
      const match = /^step-0*(\d+)$/.exec(name);
      return match === null ? [] : [{ step: Number(match[1]), path }];
    })
    .sort((a, b) => a.step - b.step);
  if (steps.length === 0) return html``;
  const shown = await Promise.all(
    evenly(steps, MAX_SAMPLES).map(async ({ step, path }) => ({ step, uri: await dataUri(path) })),
  );
  return html`<h3>Samples while training</h3>
<div class="progress">${shown.map(
    ({ step, uri }) =>
      html`<figure class="image"><img src="${raw(uri)}" alt="Samples after ${step} updates"><figcaption>after ${countText(step)} updates</figcaption></figure>`,
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
    : html`${measuresTable(evaluation)}${imagesNote(evaluation)}`
}
${judged.map(figureBlock)}
${curves.map(figureBlock)}
${await progressBlock(run)}`;
  const words =
    evaluation === undefined ? run.name : `${evaluation.domains.x} ↔ ${evaluation.domains.y}`;
  return { id: run.id, title: `Translation: ${words}`, body, figures: [...judged, ...curves] };
}
