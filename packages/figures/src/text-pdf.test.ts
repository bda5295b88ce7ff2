import { expect, test } from 'vitest';
import { measuringContext } from './fonts.js';
import { columnWidths, flowText, type TextSpan } from './text-flow.js';
import { textPdf, type PdfBlock } from './text-pdf.js';

const text = (words: string): readonly TextSpan[] => [{ kind: 'text', text: words }];

test('flowText breaks at spaces, keeps bold and its full stop together, and breaks a path that fits no line', () => {
  const context = measuringContext();
  const spans = [...text('one two '), { kind: 'bold', text: 'three' } as const, ...text('. four')];
  const lines = flowText(context, spans, { size: 10, width: 60 });
  const words = lines.map((line) => line.words.map((word) => word.text).join(' '));
  expect(words.join(' ')).toBe('one two three . four');
  expect(words.find((line) => line.includes('three'))).toContain('three .');
  for (const { width } of lines) expect(width).toBeLessThanOrEqual(60);
  const path = flowText(context, text('a/very/long/path/to/a/file'), { size: 10, width: 40 });
  expect(path.length).toBeGreaterThan(2);
  expect(path.flatMap((line) => line.words.map((word) => word.text)).join('')).toBe(
    'a/very/long/path/to/a/file',
  );
});

test('columnWidths gives columns what they need, and shrinks those that can be broken', () => {
  expect(
    columnWidths(
      [
        { least: 10, most: 20 },
        { least: 5, most: 30 },
      ],
      100,
    ),
  ).toEqual([20, 30]);
  const [first = 0, second = 0] = columnWidths(
    [
      { least: 20, most: 20 },
      { least: 10, most: 90 },
    ],
    60,
  );
  expect(first).toBeCloseTo(20);
  expect(first + second).toBeCloseTo(60);
});

test('textPdf begins new pages and repeats the head of a table that goes on', async () => {
  const rows = Array.from({ length: 90 }, (_, i) => [text(`row ${i}`), text(`${i} %`)]);
  const blocks: readonly PdfBlock[] = [
    { kind: 'heading', depth: 1, spans: text('Title') },
    { kind: 'paragraph', spans: [...text('A '), { kind: 'code', text: 'word' }] },
    { kind: 'list', ordered: true, items: [text('first')] },
    { kind: 'code', text: 'janus report' },
    { kind: 'table', head: [text('Row'), text('Share')], numeric: [false, true], rows },
  ];
  const pdf = (await textPdf(blocks, { title: 'Report' })).toString('latin1');
  expect(pdf.startsWith('%PDF-')).toBe(true);
  expect(pdf.match(/\/Type \/Page\b(?!s)/g)).toHaveLength(3);
  expect(pdf).toMatch(/BaseFont \/\w+\+Inter/);
});
