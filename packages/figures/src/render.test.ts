import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { accuracyIntervals, confusionFigure, renderPng, renderSvg } from './index.js';

const LONG = 'a label that is much longer than the margin which the layout has';

const rows = accuracyIntervals([{ label: LONG, value: 0.9, low: 0.8, high: 0.95, n: 100 }]);

/** Columns and rows of pixels that are free of ink at each side. */
async function freeMargins(png: Buffer): Promise<readonly number[]> {
  const { info } = await sharp(png).trim({ threshold: 20 }).toBuffer({ resolveWithObject: true });
  const { width, height } = await sharp(png).metadata();
  const [left, top] = [-(info.trimOffsetLeft ?? 0), -(info.trimOffsetTop ?? 0)];
  return [left, top, width - left - info.width, height - top - info.height];
}

describe('renderSvg', () => {
  test('draws words, points and whole-pixel sizes', async () => {
    const svg = await renderSvg(rows, { width: 700, height: 300 });
    expect(svg).toContain('width="700" height="300"');
    expect(svg).toContain(LONG);
    expect(svg).not.toContain('TOBESTRIPPED');
    expect(svg).not.toMatch(/dy="[^"]*em"/);
  });

  test('gives the same file for the same figure, also when many are asked for at once', async () => {
    const [first, , third] = await Promise.all([
      renderSvg(rows),
      renderSvg(
        confusionFigure(
          [
            [1, 0],
            [0, 1],
          ],
          ['a', 'b'],
        ),
      ),
      renderSvg(rows),
    ]);
    expect(third).toBe(first);
  });

  test('refuses sizes out of range', async () => {
    await expect(renderSvg(rows, { width: 0 })).rejects.toThrow('width must be whole pixels');
    await expect(renderPng(rows, { scale: 9 })).rejects.toThrow('scale must be above 0');
  });
});

describe('renderPng', () => {
  test('has the asked size and clips no text: all sides stay free of ink', async () => {
    const png = await renderPng(rows, { width: 700, height: 240, scale: 2 });
    expect(await sharp(png).metadata()).toMatchObject({ format: 'png', width: 1400, height: 480 });
    expect(Math.min(...(await freeMargins(png)))).toBeGreaterThan(2);
  });

  test('draws a heat map’s cells in their colours', async () => {
    const figure = confusionFigure(
      [
        [10, 0],
        [0, 10],
      ],
      ['a', 'b'],
    );
    const png = await renderPng(figure, { width: 500, scale: 1 });
    const { channels } = await sharp(png).stats();
    // Half of the cells are the darkest blue: red is far lower than blue on average.
    expect((channels[2]?.mean ?? 0) - (channels[0]?.mean ?? 0)).toBeGreaterThan(20);
  });
});
