/** The data statement of a data folder: what to read before training on it. */
import { areBands, bandsInOrder, countText } from '@janus/core';
import type { DatasetRecord, RecordedStep } from '../manifest/dataset-record.js';
import type { Counts } from '../manifest/manifest-question.js';
import type { DatasetStats } from '../explore/dataset-stats.js';
import type { NumberSummary } from '../explore/number-summaries.js';
import type { AssociationReport } from '../explore/label-associations.js';
import { listText, numberText, plain, shareText, tableText } from './markdown.js';
import { skewsText, splitsText } from './statement-skews.js';

/** What a data statement is made from. */
export interface StatementFacts {
  readonly record: DatasetRecord;
  readonly stats: DatasetStats;
  readonly associations: AssociationReport;
}

/** Values of a column that are listed; the others are added up. */
const MAX_VALUES = 10;

/** With fewer images, a share measured on them is uncertain by about ten percentage points. */
const FEW_IMAGES = 100;

/**
 * Returns the data statement of a data set as Markdown: the source and licence of the images, what each step removed and
 * why, what the labels are and where they come from, imbalances, limits, and uses to avoid. It contains no folder of
 * this machine and no time, so that the same data give the same text.
 *
 * Source of the headings: Bender and Friedman 2018 (data statements), Gebru et al. 2021 (datasheets), reduced to what a
 * program can know.
 */
export function dataStatement(facts: StatementFacts): string {
  const { record } = facts;
  const sections: readonly (readonly [string, string])[] = [
    ['Steps', stepsText(facts)],
    ['Labels', labelsText(facts)],
    ['Splits', splitsText(facts.stats)],
    ['Imbalances', skewsText(facts.stats, facts.associations)],
    ['Limits', limitsText(facts)],
    ['Uses to avoid', notForText(facts)],
  ];
  const body = sections.map(([title, text]) => `## ${title}\n\n${text}\n`);
  return `# Data statement: ${plain(withoutFolders(record.name))}

${overviewText(facts)}

Written by \`janus data\` after every step. For figures, run \`janus data stats <dir> --figures <out>\`.

${body.join('\n')}`;
}

/** Removes the folders of this machine from a text: of an absolute path, the last part stays. */
function withoutFolders(text: string): string {
  return text.replace(
    /(^|[\s"'=(,[])(?:~|[A-Za-z]:)?[\\/]+(?=[^\s\\/])(?:[^\s"'\\/]*[\\/])*([^\s"'\\/]*)/g,
    '$1$2',
  );
}

function overviewText({ record, stats }: StatementFacts): string {
  const { rows, kept, identities, repeated, sizes, boxes } = stats;
  const known = kept - (stats.missing['identity'] ?? kept);
  const people =
    known === 0
      ? 'not known: each image counts as one person'
      : `${countText(identities)}${known < kept ? `, counting each image of an unknown person as one (${countText(kept - known)})` : ''}; ${repeated.identities === 0 ? 'nobody has several images' : `${countText(repeated.identities)} have several images (${countText(repeated.rows)} images, at most ${countText(repeated.most)} of one person)`}`;
  const entries: (readonly [string, string])[] = [
    ['Source', plain(withoutFolders(record.source))],
    ['Licence', plain(withoutFolders(record.licence))],
    ['Images in use', `${countText(kept)} of ${countText(rows)} rows`],
    ['People', people],
  ];
  if (sizes !== null) {
    entries.push([
      'Sizes',
      `median ${numberText(sizes.width.median)} x ${numberText(sizes.height.median)} px; shorter side ${rangeText(sizes.shorter)} px`,
    ]);
  }
  if (boxes !== null) {
    entries.push([
      'Boxes',
      `${countText(boxes.shorter.n)} (${shareText(boxes.shorter.n, kept)}); median ${numberText(boxes.width.median)} x ${numberText(boxes.height.median)} px; shorter side ${rangeText(boxes.shorter)} px`,
    ]);
  }
  return tableText(['', ''], entries);
}

function rangeText({ min, max }: NumberSummary): string {
  return min === max ? numberText(min) : `${numberText(min)} to ${numberText(max)}`;
}

const sum = (counts: Counts): number => Object.values(counts).reduce((a, b) => a + b, 0);

/** Returns counts in descending order. */
function byCount(counts: Counts): readonly (readonly [string, number])[] {
  return Object.entries(counts).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

function stepsText({ record, stats }: StatementFacts): string {
  const rows = record.steps.map((step) => [
    step.step,
    countText(step.rows),
    countText(step.rejected),
    byCount(step.reasons)
      .map(([reason, n]) => `${countText(n)} ${plain(withoutFolders(reason))}`)
      .join(', '),
  ]);
  const options = record.steps.flatMap((step) => {
    const text = optionsText(step);
    return text === '' ? [] : [`${step.step}: ${text}`];
  });
  const removed = sum(stats.removed);
  return [
    tableText(['step', 'rows left', 'removed', 'reasons'], rows),
    `Rows that a step removed stay in the manifest with their reason (${countText(removed)} now); what the import rejected is in \`rejects.parquet\`.`,
    ...(options.length === 0 ? [] : [`Options:\n\n${listText(options)}`]),
  ].join('\n\n');
}

/** Returns the options of a step that have a value, without folders of this machine. */
function optionsText(step: RecordedStep): string {
  if (typeof step.options !== 'object' || step.options === null) return '';
  return Object.entries(step.options)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .filter(([, value]) => !Array.isArray(value) || value.length > 0)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return `${plain(name)} ${plain(withoutFolders(text))}`;
    })
    .join('; ');
}

const KINDS = {
  perceived:
    'perceived: somebody judged the images. They describe how people look to those who judged, not who they are',
  recorded: 'recorded: taken from records about the person, not judged from the image',
  drawn: 'drawn: they are the input of the image generator',
  unknown: 'of unknown origin. Read them as perceived: how people look, not who they are',
} as const;

function labelsText({ record, stats }: StatementFacts): string {
  const { labelling } = record;
  const { kept, values, numbers, missing } = stats;
  const how =
    labelling === undefined ? 'The source does not state how they were made.' : labelling.how;
  const parts = [
    `The labels are ${KINDS[labelling?.kind ?? 'unknown']}. ${plain(withoutFolders(how))}`,
  ];
  const columns = Object.keys(missing).filter((name) => name !== 'identity');
  if (columns.length === 0) return `${parts[0] ?? ''}\n\nThere is no label column.`;
  const lost = (name: string): string =>
    `${countText(missing[name] ?? 0)} (${shareText(missing[name] ?? 0, kept)})`;
  const measures = columns.filter((name) => isMeasure(stats, name));
  const counted = columns.filter((name) => name in values && !measures.includes(name));
  if (counted.length > 0) {
    parts.push(
      tableText(
        ['column', 'values', 'missing'],
        counted.map((name) => [plain(name), valuesText(values[name] ?? {}), lost(name)]),
      ),
    );
  }
  if (measures.length > 0) {
    parts.push(
      tableText(
        ['number', 'min', 'mean', 'median', 'max', 'missing'],
        measures.map((name) => {
          const { min = 0, mean = 0, median = 0, max = 0 } = numbers[name] ?? {};
          return [plain(name), ...[min, mean, median, max].map(numberText), lost(name)];
        }),
      ),
    );
  }
  const others = columns.filter((name) => !(name in values) && !(name in numbers));
  if (others.length > 0) {
    const named = others.map((name) => `${plain(name)} (missing ${lost(name)})`);
    parts.push(`Columns with more than 50 values: ${named.join(', ')}.`);
  }
  return parts.join('\n\n');
}

/**
 * Returns whether a column holds measurements: one of numbers with so few values that all are listed is a
 * code.
 */
function isMeasure(stats: DatasetStats, name: string): boolean {
  const values = Object.keys(stats.values[name] ?? {}).length;
  return name in stats.numbers && (values === 0 || values > MAX_VALUES);
}

function valuesText(counts: Counts): string {
  const names = Object.keys(counts);
  const bands = areBands(names) ? bandsInOrder(names) : undefined;
  const all = bands?.map((band) => [band, counts[band] ?? 0] as const) ?? byCount(counts);
  const total = sum(counts);
  const shown = all.length > MAX_VALUES ? all.slice(0, MAX_VALUES - 1) : all;
  const rest = all.slice(shown.length);
  const texts = shown.map(
    ([value, n]) => `${plain(value)} ${countText(n)} (${shareText(n, total)})`,
  );
  if (rest.length > 0) {
    const n = rest.reduce((count, [, each]) => count + each, 0);
    texts.push(`${rest.length} others ${countText(n)} (${shareText(n, total)})`);
  }
  return texts.length === 0 ? 'none' : texts.join(', ');
}

function limitsText({ record, stats }: StatementFacts): string {
  const { kept, missing, values, removedBySteps, rows } = stats;
  const kind = record.labelling?.kind ?? 'unknown';
  const limits: string[] = [];
  if (kind === 'perceived' || kind === 'unknown') {
    limits.push(
      'A model trained on perceived labels learns how people look to those who judged, including their mistakes and categories. Its accuracy is its agreement with them.',
    );
  }
  if (kind === 'recorded') {
    limits.push(
      'A record can be outdated or wrong, and does not describe how the image looks. A model can learn only what the image shows.',
    );
  }
  if (kind === 'drawn') {
    limits.push(
      'No image shows a real person. Results on these images show that a method works, not how well it does on photographs.',
    );
  }
  if (missing['identity'] === undefined) {
    limits.push(
      'The people on the images are not identified. The same person can be in train and in test: near duplicates of an image are kept together only where the split looks for them, and different images of one person are not found.',
    );
  }
  const unfetched = sum(removedBySteps['fetch'] ?? {});
  if (unfetched > 0) {
    limits.push(
      `${countText(unfetched)} images (${shareText(unfetched, rows)}) could not be fetched. Images do not disappear from the web at random, so the remaining ones are not a random sample of the source.`,
    );
  }
  const few = Object.entries(values).flatMap(([name, counts]) =>
    (isMeasure(stats, name) ? [] : Object.entries(counts))
      .filter(([, n]) => n < FEW_IMAGES)
      .map(([value, n]) => ({ text: `${plain(name)} ${plain(value)} (${countText(n)})`, n })),
  );
  if (few.length > 0) {
    const named = few.sort((a, b) => a.n - b.n).slice(0, MAX_VALUES);
    limits.push(
      `Fewer than ${FEW_IMAGES} images: ${named.map(({ text }) => text).join(', ')}${few.length > named.length ? `, and ${few.length - named.length} more values` : ''}. Results for these values have wide intervals.`,
    );
  }
  if (kept < rows) {
    limits.push(
      'Rows were removed by rules with thresholds. Look at what they removed: `janus data show <dir>`.',
    );
  }
  return listText(limits.length > 0 ? limits : ['None that the table shows.']);
}

function notForText({ record }: StatementFacts): string {
  const uses = [
    'Decisions about a person: access, hiring, lending, policing, prices.',
    'Inferring who somebody is, or what they feel or believe. A label in this table is a label, not a fact about the person.',
    'Claims about people, groups or countries that the data set was not sampled to represent.',
  ];
  if (record.labelling?.kind !== 'drawn') {
    uses.push(
      'Sharing the images beyond the licence above: the people on them have not given us their consent.',
    );
  }
  return listText(uses);
}
