import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CycleGanEvaluation, DirectionEvaluation } from '@janus/core';
import { expect, it } from 'vitest';
import { evaluationGraphics, translationGraphics } from './card-graphics.js';
import { DATASET, EVALUATION, RECORD, SLICES } from './card.fixture.js';
import { translationCard } from './model-card.js';
import { classifierCardJson } from './model-card-json.js';
import { targetsCardJson } from './targets-card-json.js';
import { translationCardJson } from './translation-card-json.js';

/** What a field holds: a text, a list of one shape, or fields by name, of which those that end in `?` may be absent. */
type Shape = 'text' | readonly [Shape] | Fields;

interface Fields {
  readonly [name: string]: Shape;
}

const DESCRIBED: Shape = [{ description: 'text' }];

/** The fields that the schema 0.0.2 of model-card-toolkit has a place for, and that a card of ours has. */
const CARD: Shape = {
  schema_version: 'text',
  model_details: {
    ...{ name: 'text', overview: 'text', documentation: 'text' },
    version: { name: 'text', date: 'text' },
    licenses: [{ custom_text: 'text' }],
    references: [{ reference: 'text' }],
  },
  model_parameters: {
    ...{ model_architecture: 'text', input_format: 'text', output_format: 'text' },
    data: [{ name: 'text', description: 'text', sensitive: { sensitive_data: ['text'] } }],
  },
  quantitative_analysis: {
    performance_metrics: [
      {
        ...{ type: 'text', value: 'text', 'slice?': 'text' },
        'confidence_interval?': { lower_bound: 'text', upper_bound: 'text' },
      },
    ],
    graphics: { description: 'text', collection: [{ name: 'text', image: 'text' }] },
  },
  considerations: {
    ...{ users: DESCRIBED, use_cases: DESCRIBED, limitations: DESCRIBED, tradeoffs: DESCRIBED },
    ethical_considerations: [{ name: 'text', mitigation_strategy: 'text' }],
  },
};

/** Returns where a value is not of a shape. */
function misfits(value: unknown, shape: Shape, path = 'card'): readonly string[] {
  if (shape === 'text')
    return typeof value === 'string' && value !== '' ? [] : [`${path}: no text`];
  if (Array.isArray(shape)) {
    const [each] = shape as readonly [Shape];
    if (!Array.isArray(value) || value.length === 0) return [`${path}: no list`];
    return value.flatMap((item: unknown, i) => misfits(item, each, `${path}[${i}]`));
  }
  if (typeof value !== 'object' || value === null) return [`${path}: no fields`];
  const fields = new Map(Object.entries(value));
  const known = Object.entries(shape as Fields);
  const found = known.flatMap(([key, own]) => {
    const name = key.replace(/\?$/, '');
    const part: unknown = fields.get(name);
    fields.delete(name);
    if (part === undefined) return key === name ? [`${path}.${name}: absent`] : [];
    return misfits(part, own, `${path}.${name}`);
  });
  return [...found, ...[...fields.keys()].map((name) => `${path}.${name}: unknown`)];
}

const GRAPHICS = { description: 'Figures.', collection: [{ name: 'roc', image: 'iVBORw0KGgo=' }] };

const DIRECTION: DirectionEvaluation = {
  ...{ n: 10, changeL1: 0.3, cycleL1: 0.1 },
  judgedAsTarget: { value: 0.8, low: 0.5, high: 0.95 },
  kid: { value: 1.5, low: 1, high: 2, originals: 3, protocol: 'as here' },
};

const TRANSLATION: CycleGanEvaluation = {
  ...{ kind: 'cyclegan', domains: { x: 'cats', y: 'dogs' }, split: 'test', judge: 'none' },
  ...{ xToY: DIRECTION, yToX: DIRECTION },
};

const DRAWN: DirectionEvaluation = {
  ...DIRECTION,
  twinError: { n: 10, pixels: 0.5, ranges: { pixels: { low: 0.4, high: 0.6 } } },
};

const CARDS = {
  classifier: classifierCardJson({
    ...{ record: RECORD, dataset: DATASET, graphics: GRAPHICS },
    evaluation: { ...EVALUATION, slices: SLICES },
  }),
  'classifier of several targets': targetsCardJson({
    ...{ record: RECORD, dataset: DATASET, graphics: GRAPHICS },
    evaluation: {
      ...{ kind: 'targets', split: 'test', n: 50 },
      targets: { gender: EVALUATION, sex: { ...EVALUATION, target: 'sex' } },
    },
  }),
  CycleGAN: translationCardJson({ record: RECORD, evaluation: TRANSLATION, graphics: GRAPHICS }),
};

it.each(Object.entries(CARDS))(
  'the card of a %s has the toolkit’s fields, and no others',
  (_, card) => {
    expect(misfits(JSON.parse(JSON.stringify(card)), CARD)).toEqual([]);
    expect(card.model_details.version.date).toMatch(/^\d{4}-\d\d-\d\d$/);
    for (const { reference } of card.model_details.references)
      expect(URL.canParse(reference)).toBe(true);
    const { performance_metrics: metrics } = card.quantitative_analysis;
    expect(metrics.filter(({ value }) => !Number.isFinite(Number(value)))).toEqual([]);
  },
);

it('a card’s shape tells a number in place of a text, and a field too many', () => {
  const card = { ...CARDS.CycleGAN, schema_version: 2, owner: 'me' };
  expect(misfits(card, CARD)).toEqual(['card.schema_version: no text', 'card.owner: unknown']);
});

it('the card of a translation has each direction’s measures, beside what no translation would get', () => {
  const metrics = CARDS.CycleGAN.quantitative_analysis.performance_metrics;
  expect(metrics.filter(({ slice }) => slice === 'cats to dogs').map(({ type }) => type)).toEqual([
    ...['fakes judged as target (n = 10)', 'kernel distance', 'kernel distance of the originals'],
    ...['change L1 (0 to 2)', 'cycle L1 (0 to 2)'],
  ]);
  expect(metrics[1]).toMatchObject({ value: '1.5', confidence_interval: { upper_bound: '2' } });
});

it('the cards of a translation say what gave its intervals', () => {
  const xToY = { ...DIRECTION, intervalMethod: 'bootstrap over people' } as const;
  const given = { record: RECORD, evaluation: { ...TRANSLATION, xToY } };
  expect(CARDS.CycleGAN.model_details.documentation).toMatch(/have Wilson's intervals, 95 %/);
  expect(translationCardJson(given).model_details.documentation).toMatch(/bootstrap over people/);
  expect(translationCard({ ...given, evaluation: TRANSLATION })).toMatch(/intervals: Wilson, 95 %/);
  expect(translationCard(given)).toMatch(
    /intervals: bootstrap over people[^]*Intervals of shares: bootstrap over people/,
  );
});

it('a card takes up figures, and sheets of generated faces alone', async () => {
  const run = await mkdtemp(join(tmpdir(), 'janus-card-'));
  try {
    for (const folder of ['figures', 'samples']) await mkdir(join(run, folder));
    await writeFile(join(run, 'figures', 'roc.png'), 'roc');
    await writeFile(join(run, 'figures', 'confusion-sex.png'), 'confusion');
    await writeFile(join(run, 'figures', 'reliability.png'), Buffer.alloc(1_000_001));
    await writeFile(join(run, 'samples', 'figure6.png'), 'faces');
    expect((await evaluationGraphics(run, ['sex']))?.collection).toEqual([
      { name: 'roc', image: Buffer.from('roc').toString('base64') },
      { name: 'confusion-sex', image: Buffer.from('confusion').toString('base64') },
    ]);
    expect(await translationGraphics(run, TRANSLATION, ['figure6'])).toBeUndefined();
    const drawn = { ...TRANSLATION, xToY: DRAWN, yToX: DRAWN };
    const sheets = await translationGraphics(run, drawn, ['figure6', 'absent']);
    expect(sheets?.collection.map(({ name }) => name)).toEqual(['figure6']);
  } finally {
    await rm(run, { recursive: true });
  }
});

it('every figure of the card for programs has its interval, and groups have theirs', () => {
  const { quantitative_analysis, ...card } = classifierCardJson({
    ...{ record: RECORD, dataset: DATASET },
    evaluation: { ...EVALUATION, slices: SLICES },
  });
  const metrics = quantitative_analysis.performance_metrics;
  expect(metrics[0]).toEqual({
    ...{ type: 'accuracy (test split, n = 50)', value: '0.9' },
    confidence_interval: { lower_bound: '0.79', upper_bound: '0.96' },
  });
  expect(metrics.map(({ slice }) => slice).filter((slice) => slice !== undefined)).toEqual([
    ...['gender=female', 'gender=male', 'predicted male', 'age=young'],
  ]);
  expect(card.model_details).toMatchObject({
    version: { name: 'Janus 0.1.0', date: '2026-01-02' },
    licenses: [{ custom_text: 'Of the data: CC BY 4.0.' }],
  });
  expect(card.model_parameters.data[0]?.description).toContain('perceived. Two people judged');
  const limits = card.considerations.limitations.map(({ description }) => description).join('\n');
  expect(limits).toContain('Labels are perceived');
  expect(limits).toContain('Lowest accuracy of a group: age=young, 95.0 % [80.0, 99.0], n = 30.');
  expect(card.considerations.tradeoffs.length).toBeGreaterThan(2);
  expect(limits).toContain('Not for: Deciding anything about a person');
});
