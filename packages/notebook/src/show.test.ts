import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClassifierEvaluation, CycleGanEvaluation } from '@janus/core';
import { toDataFrame } from '@janus/data';
import { labelDistribution } from '@janus/figures';
import { afterAll, describe, expect, it } from 'vitest';
import { fakeScreen } from './fake-screen.fixture.js';
import { show, type Showable, type ShowOptions } from './show.js';

const folder = mkdtempSync(join(tmpdir(), 'janus-show-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Returns what the panels of a rich screen hold after a value was shown. */
async function shown(value: Showable, options: ShowOptions = {}) {
  const { screen, panels } = fakeScreen();
  await show(value, { ...options, screen });
  return panels.map((contents) => contents[0]);
}

/** The smallest PNG: a red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==',
  'base64',
);

const EVALUATION: ClassifierEvaluation = {
  kind: 'classifier',
  target: 'smile',
  classes: ['no', 'yes'],
  split: 'test',
  n: 50,
  accuracy: { value: 0.9, low: 0.786, high: 0.957 },
  balancedAccuracy: { value: 0.88, low: 0.78, high: 0.96 },
  majority: 0.6,
  perClass: { no: { n: 30, recall: { value: 1, low: 0.886, high: 1 } } },
  confusion: [
    [30, 0],
    [5, 15],
  ],
  intervalMethod: 'Wilson, 95 %',
  calibrationError: 0.031,
  mistakes: [],
};

describe('show', () => {
  it('gives a figure in both forms, so that a reader without Plotly sees an image', async () => {
    const figure = labelDistribution({ feminine: 3, masculine: 5 }, { title: 'presentation' });
    const [bundle] = await shown(figure);
    expect(bundle?.['application/vnd.plotly.v1+json']).toEqual({
      data: figure.data,
      layout: figure.layout,
    });
    const png = Buffer.from(bundle?.['image/png'] ?? '', 'base64');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(bundle?.['text/plain']).toBe('Figure: presentation (1 trace)');
  });

  it('escapes the cells of rows and aligns columns of numbers at the right', async () => {
    const [bundle] = await shown([
      { name: '<b>&', age: 31.25, n: 4 },
      { name: 'x', n: 12 },
    ]);
    expect(bundle?.['text/plain']).toBe(
      ['name    age   n', '<b>&  31.25   4', 'x            12'].join('\n'),
    );
    const markup = bundle?.['text/html'] ?? '';
    expect(markup).toContain('<td style="text-align: left">&lt;b&gt;&amp;</td>');
    expect(markup).toContain('<th style="text-align: right">age</th>');
    expect(markup).not.toContain('<b>');
  });

  it('limits the rows of a table and says how many there are', async () => {
    const rows = Array.from({ length: 1200 }, (_, i) => ({ i }));
    const [bundle] = await shown(rows, { rows: 2, title: 'All' });
    expect(bundle?.['text/plain']).toBe('All\ni\n0\n1\n2 of 1,200 rows');
    await expect(shown(rows, { rows: 0 })).rejects.toThrow(
      'show: rows must be a whole number of at least 1, but got 0. Leave it out for 20.',
    );
  });

  it('shows a DataFrame as its cells, with nothing for what is missing', async () => {
    const frame = toDataFrame([
      { split: 'train', age: 30 },
      { split: 'test', age: null },
    ]);
    const [bundle] = await shown(frame);
    expect(bundle?.['text/plain']).toBe('split  age\ntrain   30\ntest');
    const [described] = await shown(frame.describe());
    expect(described?.['text/plain']).toContain('mean');
  });

  it('shows a record as names and values, and an interval of shares in percent', async () => {
    const [bundle] = await shown({
      rows: 3,
      reasons: { blank: 1 },
      accuracy: { value: 0.9, low: 0.8, high: 0.95 },
    });
    expect(bundle?.['text/plain'].split('\n').slice(1)).toEqual([
      'rows           3',
      'reasons.blank  1',
      'accuracy       90.0 % [80.0, 95.0]',
    ]);
  });

  it('shows each measure of an evaluation with n, and its interval', async () => {
    const [bundle] = await shown(EVALUATION);
    const text = bundle?.['text/plain'] ?? '';
    expect(text).toMatch(/^smile, test\n/);
    expect(text).toMatch(/^accuracy +90\.0 % \[78\.6, 95\.7\] +50$/m);
    expect(text).toMatch(/^always naming the commonest class +60\.0 % +50$/m);
    expect(text).toMatch(/^recall of no +100\.0 % \[88\.6, 100\.0\] +30$/m);
    expect(text).toMatch(/Intervals: Wilson, 95 %\.$/);
  });

  it('shows one table for each target of an evaluation of several', async () => {
    const targets = { smile: EVALUATION, glasses: { ...EVALUATION, target: 'glasses' } };
    const tables = await shown({ kind: 'targets', split: 'test', n: 50, targets });
    expect(tables.map((each) => each?.['text/plain'].split('\n')[0])).toEqual([
      'smile, test',
      'glasses, test',
    ]);
  });

  it('shows both directions of a translation beside each other', async () => {
    const judgedAsTarget = { value: 0.5, low: 0.3, high: 0.7 };
    const evaluation: CycleGanEvaluation = {
      kind: 'cyclegan',
      domains: { x: 'a', y: 'b' },
      split: 'test',
      judge: 'runs/judge',
      xToY: { n: 20, cycleL1: 0.05, changeL1: 0.1, judgedAsTarget, drift: { smile: 0.25 } },
      yToX: { n: 22, cycleL1: 0.06, changeL1: 0.2 },
    };
    const [bundle] = await shown(evaluation);
    const text = bundle?.['text/plain'] ?? '';
    expect(text).toMatch(/^measure +a to b +b to a$/m);
    expect(text).toMatch(/^judged as target +50\.0 % \[30\.0, 70\.0\]$/m);
    expect(text).toMatch(/^change \(0 to 2\) +0\.100 +0\.200$/m);
    expect(text).toMatch(/^smile changed +25\.0 % \[11\.2, 46\.9\]$/m);
  });

  it('shows images by their paths or bytes, each in its own format', async () => {
    const path = join(folder, 'red.png');
    writeFileSync(path, PNG);
    const bundles = await shown([path, PNG]);
    expect(bundles.map((each) => each?.['image/png'])).toEqual([
      PNG.toString('base64'),
      PNG.toString('base64'),
    ]);
    expect(bundles[0]?.['text/plain']).toBe('red.png: png, 1 kB');
  });

  it('says which file cannot be shown as an image', async () => {
    const path = join(folder, 'text.png');
    writeFileSync(path, 'no image');
    await expect(shown(path)).rejects.toThrow(
      'show: an image must be a PNG, JPEG, WebP or GIF file, but text.png is not.',
    );
    await expect(shown(join(folder, 'absent.png'))).rejects.toThrow('absent.png cannot be read');
  });

  it('prints text alone where no kernel runs', async () => {
    const { screen, panels } = fakeScreen(false);
    await show(labelDistribution({ a: 1 }, { title: 'a' }), { screen });
    expect(panels).toEqual([[{ 'text/plain': 'Figure: a (1 trace)' }]]);
  });

  it('refuses what it cannot show', async () => {
    await expect(shown(3 as unknown as object)).rejects.toThrow('but got number');
  });
});
