import { streamOf } from '@janus/core';
import { describe, expect, it } from 'vitest';
import { ALARM_LIMITS, translationAlarms, type TranslationAlarms } from './cyclegan-alarms.js';

const COUNT = 4;
const SIZE = 8;
/** Rounding of pixels to whole numbers. */
const ROUNDING = 0.02;

function images(seed: number): Uint8Array {
  const stream = streamOf(seed, 'alarms');
  return Uint8Array.from({ length: COUNT * SIZE * SIZE * 3 }, () => 40 + stream.integer(176));
}

const originals = images(1);
const alarmsOf = (translated: Uint8Array): TranslationAlarms =>
  translationAlarms({ originals, translated, count: COUNT });

describe('translationAlarms', () => {
  it('finds nothing changed in copies, and every relation kept', () => {
    const alarms = alarmsOf(originals);
    expect(alarms.change).toBe(0);
    expect(alarms.diversity).toBe(1);
    expect(alarms.contrast).toBe(1);
    expect(alarms.luminanceCorrelation).toBeCloseTo(1, 10);
    expect(alarms.colourCorrelation).toBeCloseTo(1, 10);
  });

  it('finds inverted light and colours', () => {
    const alarms = alarmsOf(originals.map((value) => 255 - value));
    expect(alarms.luminanceCorrelation).toBeCloseTo(-1, 10);
    expect(alarms.colourCorrelation).toBeCloseTo(-1, 10);
    expect(alarms.contrast).toBeCloseTo(1, 10);
  });

  it('finds colours inverted around the luminance, with light and dark as they were', () => {
    const inverted = originals.slice();
    for (let i = 0; i < inverted.length; i += 3) {
      const [r, g, b] = [originals[i]!, originals[i + 1]!, originals[i + 2]!];
      const light = 0.299 * r + 0.587 * g + 0.114 * b;
      // A quarter as strong, so that nothing is clipped.
      [r, g, b].forEach((value, c) => (inverted[i + c] = light - (value - light) / 4));
    }
    const alarms = alarmsOf(inverted);
    expect(alarms.luminanceCorrelation).toBeGreaterThan(1 - ROUNDING);
    expect(alarms.colourCorrelation).toBeLessThan(-1 + ROUNDING);
    expect(alarms.colourCorrelation).toBeLessThan(ALARM_LIMITS.colourCorrelation);
  });

  it('finds one output for all inputs, and flat outputs that differ', () => {
    const one = originals.slice(0, originals.length / COUNT);
    const same = alarmsOf(
      Uint8Array.from({ length: originals.length }, (_, i) => one[i % one.length]!),
    );
    expect(same.diversity).toBe(0);
    expect(same.contrast).toBeGreaterThan(0.8);
    const flat = alarmsOf(originals.map((_, i) => 50 * Math.floor(i / one.length)));
    expect(flat.contrast).toBe(0);
    expect(flat.diversity).toBeGreaterThan(ALARM_LIMITS.diversity);
  });

  it('asks no colours of grey images', () => {
    const grey = new Uint8Array(originals.length).map((_, i) => originals[3 * Math.floor(i / 3)]!);
    const alarms = translationAlarms({ originals: grey, translated: originals, count: COUNT });
    expect(alarms.colourCorrelation).toBe(0);
  });
});
