import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { regionOf } from './crop-geometry.js';

const number = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true });

const cases = fc.record({
  image: fc.record({
    width: fc.integer({ min: 1, max: 400 }),
    height: fc.integer({ min: 1, max: 400 }),
  }),
  box: fc
    .tuple(number(-100, 500), number(-100, 500), number(1, 300), number(1, 300))
    .map(([x1, y1, width, height]) => ({ x1, y1, x2: x1 + width, y2: y1 + height })),
  margin: number(0, 4),
});

describe('a region', () => {
  it('lies inside the image in whole pixels, and is a square where one is asked for', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom('square', 'box'), ({ image, box, margin }, shape) => {
        const found = regionOf(box, image, { margin, shape });
        const outside =
          box.x2 <= 0 || box.y2 <= 0 || box.x1 >= image.width || box.y1 >= image.height;
        expect(found === null).toBe(outside);
        if (found === null) return;
        const { left, top, width, height } = found.region;
        for (const each of [left, top, width, height]) expect(Number.isInteger(each)).toBe(true);
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(1);
        expect(left + width).toBeLessThanOrEqual(image.width);
        expect(top + height).toBeLessThanOrEqual(image.height);
        if (shape === 'square') expect(width).toBe(height);
      }),
    );
  });

  it('is what was asked for, up to rounding, where that lies inside; else it says so', () => {
    fc.assert(
      fc.property(cases, ({ image, box, margin }) => {
        const found = regionOf(box, image, { margin, shape: 'square' });
        if (found === null) return;
        const side = Math.max(box.x2 - box.x1, box.y2 - box.y1) * (1 + 2 * margin);
        const left = (box.x1 + box.x2 - side) / 2;
        const top = (box.y1 + box.y2 - side) / 2;
        const inside =
          left >= 0 && top >= 0 && left + side <= image.width && top + side <= image.height;
        if (inside) {
          expect(found.clipped).toBe(false);
          expect(Math.abs(found.region.width - side)).toBeLessThanOrEqual(0.5);
          expect(Math.abs(found.region.left - left)).toBeLessThanOrEqual(1);
          expect(Math.abs(found.region.top - top)).toBeLessThanOrEqual(1);
        }
        const far =
          left < -1 || top < -1 || left + side > image.width + 1 || top + side > image.height + 1;
        if (far) expect(found.clipped).toBe(true);
      }),
    );
  });

  it('holds the whole box where a square of the image can', () => {
    fc.assert(
      fc.property(cases, ({ image, box }) => {
        const within =
          box.x1 >= 0 && box.y1 >= 0 && box.x2 <= image.width && box.y2 <= image.height;
        const longer = Math.max(box.x2 - box.x1, box.y2 - box.y1);
        fc.pre(within && Math.ceil(longer) <= Math.min(image.width, image.height));
        const { region } = regionOf(box, image, { margin: 0, shape: 'square' }) ?? {};
        expect(region?.left).toBeLessThanOrEqual(box.x1 + 1);
        expect(region?.top).toBeLessThanOrEqual(box.y1 + 1);
        expect((region?.left ?? 0) + (region?.width ?? 0)).toBeGreaterThanOrEqual(box.x2 - 1);
        expect((region?.top ?? 0) + (region?.height ?? 0)).toBeGreaterThanOrEqual(box.y2 - 1);
      }),
    );
  });

  it('keeps the shape of a box when asked, cut off at the edge', () => {
    const image = { width: 100, height: 80 };
    const box = { x1: 10, y1: 20, x2: 30, y2: 70 };
    expect(regionOf(box, image, { margin: 0, shape: 'box' })).toEqual({
      region: { left: 10, top: 20, width: 20, height: 50 },
      clipped: false,
    });
    expect(regionOf(box, image, { margin: 0.5, shape: 'box' })).toEqual({
      region: { left: 0, top: 0, width: 55, height: 80 },
      clipped: true,
    });
    expect(regionOf(box, image, { margin: 0.5, shape: 'square' })).toEqual({
      region: { left: 0, top: 0, width: 80, height: 80 },
      clipped: true,
    });
  });
});
