import { wilsonInterval, type RunRecord } from '@janus/core';
import { expect, test } from 'vitest';
import { sharedPictures } from './page-images.js';
import type { ReportRun } from './read-runs.js';
import { pageRun } from './run-facts.js';
import { runsSection, sourceBlock } from './runs-section.js';

const record: RunRecord = {
  ...{ format: 2, kind: 'classifier', name: 'gender (<b>)', started: '2026-01-02T10:00:00Z' },
  ...{ seed: 3, versions: {}, dataHash: 'x', engine: 'js', status: 'finished' },
  options: { data: 'my data', target: 'gender', head: '1x8', seed: 3 },
  result: { steps: 1200, seconds: 61.4 },
};

const run: ReportRun = {
  ...{ kind: 'classifier', folder: '/runs/a<i>', name: 'a<i>', id: 'a-i', record, metrics: [] },
  ...{ card: undefined, samples: new Map() },
  evaluation: {
    ...{ kind: 'classifier', target: 'gender', classes: ['f', 'm'], split: 'test', n: 10 },
    ...{ accuracy: wilsonInterval(9, 10), balancedAccuracy: wilsonInterval(9, 10), majority: 0.5 },
    ...{ perClass: { f: { n: 10, recall: wilsonInterval(9, 10) } }, confusion: [] },
    ...{ intervalMethod: 'Wilson', calibrationError: 0.1, mistakes: [] },
  },
};

test('each result of the table leads to the run and the command that made it', () => {
  const { body } = runsSection([run]);
  expect(body.markup).toContain('<a href="#source-a-i">90.0 %</a>');
  expect(body.markup).toContain('data-value="0.9"');
  const source = sourceBlock(run, '/runs').markup;
  expect(source).toContain('id="source-a-i"');
  expect(source).toContain('janus train classifier --data &#39;my data&#39; --target gender');
  expect(source).toContain('janus evaluate &#39;/runs/a&lt;i&gt;&#39;');
  expect(source).toContain('href="#record-a-i"');
});

test('names and options with HTML in them are text', () => {
  const { markup } = runsSection([run]).body;
  expect(markup).not.toMatch(/<i>|<b>/);
  expect(markup).toContain('aria-label="Compare a&lt;i&gt;"');
});

test('pageRun names every measure with its interval and n', () => {
  const { measures, options, curves } = pageRun(run);
  expect(measures[0]).toEqual({
    ...{ name: 'Accuracy, gender', text: '90.0 % (59.6–98.2 %, n = 10)' },
  });
  expect(measures.map(({ name }) => name)).toContain('Recall of f');
  expect(options).toEqual({ seed: '3', data: 'my data', target: 'gender', head: '1x8' });
  expect(curves).toBeNull();
});

test('sharedPictures keeps the bytes of a picture where it stands first', () => {
  const tag = (id: string): string => `<img src="data:x,${id}" data-image="${id}" alt="">`;
  const shared = sharedPictures(tag('aa') + tag('bb') + tag('aa'));
  expect(shared.match(/data:x,aa/g)).toHaveLength(1);
  expect(shared).toContain('data-same="aa" alt=""');
  expect(shared).toContain(tag('bb'));
});
