import { describe, expect, test } from 'vitest';
import { accuracyIntervals } from './accuracy.js';
import { contrastOf, PALETTE, SERIES_COLOURS, THEMES, withOpacity } from './theme.js';
import { plotlyTemplate, themed } from './themed.js';

const figure = accuracyIntervals([{ label: 'a', value: 0.9, low: 0.8, high: 0.95, n: 100 }]);

describe('themed', () => {
  test('swaps the colours of text, lines and the first series, also within labels', () => {
    const dark = themed(figure, 'dark');
    const text = JSON.stringify(dark);
    for (const name of ['text', 'mutedText', 'grid', 'axis'] as const) {
      expect(text).not.toContain(THEMES.light[name]);
      expect(text).toContain(THEMES.dark[name]);
    }
    expect(dark.layout['paper_bgcolor']).toBe(THEMES.dark.background);
    expect(dark.data[0]?.['marker']).toMatchObject({ color: THEMES.dark.blue });
    expect(dark.data[0]?.x).toEqual([0.9]);
    expect(themed(figure, 'light')).toBe(figure);
  });

  test('has black text on white for print', () => {
    const print = themed(figure, 'print');
    expect(print.layout['font']).toMatchObject({ color: '#000000' });
    expect(print.layout['paper_bgcolor']).toBe('#ffffff');
  });
});

test('plotlyTemplate is the look without anything of one figure', () => {
  const { layout } = plotlyTemplate('dark');
  expect(layout['colorway']).toEqual([THEMES.dark.blue, ...SERIES_COLOURS.slice(1)]);
  expect(layout['xaxis']).toMatchObject({ gridcolor: THEMES.dark.grid, automargin: true });
  expect(JSON.stringify(layout)).not.toContain('"text":');
  expect(layout.height).toBeUndefined();
});

describe('the palette', () => {
  // WCAG 2.2, 1.4.3 (text) and 1.4.11 (graphics).
  const [TEXT, GRAPHICS] = [4.5, 3];

  test('contrastOf is 21 for black on white and 1 for a colour on itself', () => {
    expect(contrastOf('#000000', '#ffffff')).toBeCloseTo(21, 9);
    expect(contrastOf('#1f77b9', '#1f77b9')).toBe(1);
    // The lightest grey that passes on white, as WebAIM's checker has it: 4.54.
    expect(contrastOf('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
  });

  test.each(['light', 'dark', 'print'] as const)('is readable on the %s theme', (name) => {
    const { background, text, mutedText, blue } = THEMES[name];
    for (const colour of [text, mutedText]) {
      expect(contrastOf(colour, background)).toBeGreaterThanOrEqual(TEXT);
    }
    for (const colour of [blue, ...Object.values(PALETTE)]) {
      expect(contrastOf(colour, background), colour).toBeGreaterThanOrEqual(GRAPHICS);
    }
  });

  /** Linear RGB as eyes with one kind of cone missing see it. Source: Machado et al. 2009, severity 1. */
  const EYES: Readonly<Record<string, readonly (readonly number[])[]>> = {
    usual: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    protanopia: [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    deuteranopia: [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
    tritanopia: [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  };

  const product = (matrix: readonly (readonly number[])[], vector: readonly number[]) =>
    matrix.map((row) => row.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0));

  /** CIE Lab of linear RGB under D65. */
  function lab(rgb: readonly number[]): readonly number[] {
    const xyz = product(
      [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.072175],
        [0.0193339, 0.119192, 0.9503041],
      ],
      rgb.map((value) => Math.min(1, Math.max(0, value))),
    );
    const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
    const [x = 0, y = 0, z = 0] = xyz.map((value, i) => f(value / [0.95047, 1, 1.08883][i]!));
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
  }

  function linear(colour: string): readonly number[] {
    return [1, 3, 5].map((at) => {
      const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
  }

  test.each(Object.keys(EYES))('has six colours that differ with %s vision', (eyes) => {
    const seen = SERIES_COLOURS.map((colour) => lab(product(EYES[eyes] ?? [], linear(colour))));
    for (const [i, one] of seen.entries()) {
      for (const [j, other] of seen.entries()) {
        if (j <= i) continue;
        const distance = Math.hypot(...one.map((value, k) => value - (other[k] ?? 0)));
        expect(distance, `${SERIES_COLOURS[i]!} ${SERIES_COLOURS[j]!}`).toBeGreaterThan(10);
      }
    }
  });

  test('withOpacity keeps the colour', () => {
    expect(withOpacity('#1f77b9', 0.5)).toBe('rgba(31,119,185,0.5)');
  });
});
