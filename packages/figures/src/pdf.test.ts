import { expect, test } from 'vitest';
import {
  accuracyIntervals,
  confusionFigure,
  rateSweepFigure,
  renderPdf,
  renderSvg,
} from './index.js';

const rates = rateSweepFigure(
  [
    { learningRate: 1e-5, loss: 2 },
    { learningRate: 1e-3, loss: 1 },
  ],
  { title: 'A <b> & c' },
);

test('renderPdf writes one page of vectors with embedded fonts, the same each time', async () => {
  const pdf = await renderPdf(rates, { width: 600, height: 300 });
  const text = pdf.toString('latin1');
  expect(text.slice(0, 5)).toBe('%PDF-');
  expect(text).toMatch(/\/MediaBox \[0 0 450 225\]/);
  expect(text).toMatch(/\/FontFile2/);
  expect(text).not.toMatch(/\/Subtype ?\/Image/);
  expect(text).toContain('/Title (A <b> & c)');
  expect((await renderPdf(rates, { width: 600, height: 300 })).equals(pdf)).toBe(true);
});

test('renderPdf keeps the cells of a heat map, the one part that is an image', async () => {
  const pdf = await renderPdf(confusionFigure([[1]], ['a']), { width: 300, height: 300 });
  expect(pdf.toString('latin1')).toMatch(/\/Subtype ?\/Image/);
});

test('powers on an axis stand a little above the line, smaller, and leave nothing behind', async () => {
  const svg = await renderSvg(rates);
  const [, line, rest] = /<text[^>]* y="([\d.]+)"[^>]*>10(<tspan.*?)<\/text>/.exec(svg) ?? [];
  const rise = Number(line) - Number(/ y="([\d.]+)"/.exec(rest ?? '')?.[1]);
  expect(rise).toBeGreaterThan(3);
  expect(rise).toBeLessThan(8);
  expect(rest).toContain('font-size:70%');
  expect(svg).not.toContain('\u200b');
});

test('renderSvg draws in the theme that is asked for', async () => {
  const figure = accuracyIntervals([{ label: 'a', value: 0.9 }]);
  expect(await renderSvg(figure, { theme: 'dark' })).toContain('fill: rgb(23, 28, 36)');
  expect(await renderSvg(figure)).toContain('fill: rgb(255, 255, 255)');
});
