import { describe, expect, it } from 'vitest';
import { streamOf } from '@janus/core';
import { augment, drawAugmentation, parseAugmentations, type AugmentDraw } from './augment.js';
import { resample } from '../decode/resample.js';

const drawOf = (size: number, id: number): AugmentDraw =>
  drawAugmentation(['jitter'], { seed: 3, epoch: 1, id: String(id), size });

describe('jitter', () => {
  it("cuts 256 of 286 pixels at each of 31 places, as CycleGAN's authors do", () => {
    const places = new Set<number>();
    for (let id = 0; id < 1000; id++) {
      const { crop } = drawOf(256, id);
      expect(crop.width).toBeCloseTo((256 * 256) / 286, 9);
      expect(crop.height).toBe(crop.width);
      expect(crop.left + crop.width).toBeLessThanOrEqual(256);
      expect(crop.top + crop.height).toBeLessThanOrEqual(256);
      places.add(Math.round((crop.left * 286) / 256));
      expect(drawOf(256, id).crop).toEqual(crop);
    }
    expect([...places].sort((a, b) => a - b)).toEqual(Array.from({ length: 31 }, (_, i) => i));
  });

  it('gives what enlarging the whole and cutting a square of it gives', () => {
    for (const size of [16, 64, 128]) {
      const enlarged = Math.round((size * 286) / 256);
      const stream = streamOf(size, 'noise');
      const pixels = Uint8Array.from({ length: size * size * 3 }, () => stream.integer(256));
      const image = { pixels, width: size, height: size };
      const large = resample(
        image,
        { left: 0, top: 0, width: size, height: size },
        { width: enlarged, height: enlarged },
      );
      for (let id = 0; id < 5; id++) {
        const draw = drawOf(size, id);
        const found = augment({ pixels, size }, draw);
        const left = Math.round((draw.crop.left * enlarged) / size);
        const top = Math.round((draw.crop.top * enlarged) / size);
        const expected = resample(
          { pixels: large, width: enlarged, height: enlarged },
          { left, top, width: size, height: size },
          { width: size, height: size },
        );
        // A weight that lies between two whole numbers may be rounded to either.
        const furthest = Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)));
        expect(furthest, `${size} px at ${left}, ${top}`).toBeLessThanOrEqual(1);
      }
    }
  });

  it('leaves what is too small to be enlarged by a pixel', () => {
    expect(drawOf(4, 0).crop).toEqual({ left: 0, top: 0, width: 4, height: 4 });
  });

  it('cannot be asked for together with crop', () => {
    expect(parseAugmentations('flip,jitter')).toEqual(['jitter', 'flip']);
    expect(() => parseAugmentations('crop,jitter')).toThrow(
      'augment: only one of crop and jitter can be used, since both crop the image, but got crop,jitter. Choose one.',
    );
  });
});
