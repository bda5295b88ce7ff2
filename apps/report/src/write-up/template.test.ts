import { expect, test } from 'vitest';
import { markdownFormat, texFormat } from './formats.js';
import { fillTemplate, type FilledTemplate } from './template.js';
import { tableCsv, textTable } from './text-table.js';

const table = textTable<{ readonly name: string; readonly value: number }>(
  { id: 'runs', caption: 'All <runs>.' },
  [
    { title: 'Run', text: ({ name }) => name },
    {
      ...{ title: 'Result', numeric: true, text: ({ value }) => `${100 * value} %` },
      values: ({ value }) => ({ value }),
    },
  ],
  [
    { name: 'a|b_1', value: 0.5 },
    { name: 'c,d', value: 0.25 },
  ],
);

const sources = {
  values: new Map([
    [
      'gender',
      new Map([
        ['accuracy', '94.0 % (90.7–96.1 %)'],
        ['accuracy.value', '94.0 %'],
        ['n', '298'],
      ]),
    ],
  ]),
  figures: new Set(['gender-learning', 'gender-confusion']),
  tables: new Set(['runs']),
};

const format = {
  tables: new Map([['runs', table]]),
  captions: new Map([['gender-learning', 'Loss']]),
  figurePath: (id: string): string => `figures/${id}`,
};

const filled = (text: string): FilledTemplate =>
  fillTemplate({ text, path: 'my.md' }, sources, markdownFormat(format));

test('a template becomes Markdown, with figures and tables numbered in the order of the text', () => {
  const { text, count, figures } = filled(
    [
      'See {{ref:figure:gender-learning}} and {{ ref:table:runs }}: {{value:gender.accuracy}}.',
      '{{figure:gender-confusion|At {{value:gender.n}} images}}',
      '{{figure:gender-learning}}',
      '{{table:runs}}',
    ].join('\n'),
  );
  expect(text.split('\n')).toEqual([
    'See Figure 2 and Table 1: 94.0 % (90.7–96.1 %).',
    '![Figure 1. At 298 images](figures/gender-confusion.png)',
    '![Figure 2. Loss](figures/gender-learning.png)',
    '**Table 1.** All \\<runs>.',
    '',
    '| Run | Result |',
    '| --- | ---: |',
    '| a\\|b_1 | 50 % |',
    '| c,d | 25 % |',
  ]);
  expect(count).toBe(7);
  expect(figures).toEqual(['gender-confusion', 'gender-learning']);
});

test('a template becomes LaTeX, in which no value is a command', () => {
  const tex = texFormat(format, () => 'pdf');
  const { text } = fillTemplate(
    {
      text: '{{value:gender.accuracy}}\n{{table:runs}}\n{{figure:gender-learning}}',
      path: 'my.tex',
    },
    sources,
    tex,
  );
  expect(text).toContain('94.0 \\% (90.7--96.1 \\%)');
  expect(text).toContain('a|b\\_1 & 50 \\% \\\\');
  expect(text).toContain('\\includegraphics[width=\\linewidth]{figures/gender-learning.pdf}');
  expect(text).toContain('\\begin{tabular}{lr}');
});

test('CSV has values and not their text', () => {
  expect(tableCsv(table)).toBe('Run,value\na|b_1,0.5\n"c,d",0.25\n');
});

test('lines of a condition stay when its source is there', () => {
  const lines =
    '{{if table:runs}}\nhas\n{{else}}\nhas not\n{{end}}\n{{if value:none}}\nnone\n{{end}}';
  expect(filled(lines).text).toBe('has');
  expect(filled('{{if value:gender.f1}}\nf1\n{{else}}\nno f1\n{{end}}').text).toBe('no f1');
});

test.each([
  [
    'one\n{{value:gender.acc}}',
    'my.md:2: {{value:gender.acc}} has no source; gender has accuracy, ',
  ],
  ['{{value:age.mae}}', 'my.md:1: {{value:age.mae}} has no source age; there are gender. '],
  ['{{figure:gender-loss}}', 'has no source; there are gender-learning, gender-confusion. '],
  ['{{table:table3}}', 'my.md:1: {{table:table3}} has no source; there are runs. '],
  ['{{ref:table:runs}}', 'refers to a table that the text does not show. Add {{table:runs}}.'],
  ['{{plot:x}}', 'is not a placeholder: there are value, figure, table and ref.'],
  ['a {{value', 'my.md:1: a {{value has a {{ that no placeholder begins with.'],
  ['{{if table:runs}}\nx', 'my.md:1: an {{if ...}} must end with {{end}}, but does not.'],
  ['{{end}}', 'my.md:1: {{end}} belongs to an {{if ...}} above it'],
])('%j fails with its file, line and what there is', (text, message) => {
  expect(() => filled(text)).toThrow(message);
});
