import { describe, expect, it } from 'vitest';
import { streamOf } from '@janus/core';
import { changeColour } from './augment-colour.js';
import { cropImage, cutOut, flipImage, turnImage } from './augment-geometry.js';
import {
  augment,
  AUGMENT_FIELDS,
  AUGMENT_RANGES,
  AUGMENTATIONS,
  drawAugmentation,
  drawOfFields,
  fieldsOfDraw,
  isUnchanged,
  parseAugmentations,
  UNCHANGED,
  type AugmentDraw,
} from './augment.js';
import { resample } from '../decode/resample.js';

const SIZE = 13;

function noise(size = SIZE, seed = 1): Uint8Array {
  const stream = streamOf(seed, 'noise');
  return Uint8Array.from({ length: size * size * 3 }, () => stream.integer(256));
}

/** The value of a pixel's channel. */
const at = (pixels: Uint8Array, ...[x, y, c]: readonly [number, number, number]): number =>
  pixels[(y * SIZE + x) * 3 + c]!;

/** Makes an image of a function of places. */
function made(value: (x: number, y: number, c: number) => number): Uint8Array {
  return Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) =>
    value(Math.floor(i / 3) % SIZE, Math.floor(i / 3 / SIZE), i % 3),
  );
}

describe('flipImage', () => {
  it('mirrors left to right, and twice is nothing', () => {
    for (const size of [1, 2, SIZE]) {
      const original = noise(size);
      const pixels = original.slice();
      flipImage({ pixels, size });
      if (size === SIZE) {
        expect(pixels).toEqual(made((x, y, c) => at(original, SIZE - 1 - x, y, c)));
      }
      flipImage({ pixels, size });
      expect(pixels).toEqual(original);
    }
  });
});

describe('turnImage', () => {
  const turned = (pixels: Uint8Array, angleDegrees: number, zoom = 1): Uint8Array => {
    const target = new Uint8Array(pixels.length);
    turnImage(target, { pixels, size: SIZE }, { angleDegrees, zoom });
    return target;
  };

  it('by 0 and by whole turns is nothing', () => {
    const original = noise();
    for (const angle of [0, 360, -720]) expect(turned(original, angle)).toEqual(original);
  });

  it('by right angles moves pixels, counter-clockwise, and changes none', () => {
    const original = noise();
    const last = SIZE - 1;
    expect(turned(original, 90)).toEqual(made((x, y, c) => at(original, last - y, x, c)));
    expect(turned(original, 180)).toEqual(made((x, y, c) => at(original, last - x, last - y, c)));
    expect(turned(original, -90)).toEqual(made((x, y, c) => at(original, y, last - x, c)));
  });

  it('equals an obvious version with floating-point weights', () => {
    const original = noise();
    const mirrored = (place: number): number => {
      let p = place;
      while (p < 0 || p >= SIZE) p = p < 0 ? -1 - p : 2 * SIZE - 1 - p;
      return p;
    };
    for (const [angle, zoom] of [
      [7, 1],
      [-15, 1.25],
      [33, 0.4],
      [0, 0.8],
    ] as const) {
      const [cos, sin] = [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)];
      const middle = (SIZE - 1) / 2;
      const slow = made((x, y, c) => {
        const [dx, dy] = [(x - middle) / zoom, (y - middle) / zoom];
        const fromX = middle + dx * cos - dy * sin;
        const fromY = middle + dx * sin + dy * cos;
        const [left, upper] = [Math.floor(fromX), Math.floor(fromY)];
        let sum = 0;
        for (const [i, j] of [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
        ] as const) {
          const weight = (1 - Math.abs(fromX - left - i)) * (1 - Math.abs(fromY - upper - j));
          sum += weight * at(original, mirrored(left + i), mirrored(upper + j), c);
        }
        return Math.round(sum);
      });
      const fast = turned(original, angle, zoom);
      // Places between pixels are rounded to 1/1024 of the distance of two neighbours.
      const furthest = Math.max(...fast.map((value, i) => Math.abs(value - slow[i]!)));
      expect(furthest, `${angle} degrees`).toBeLessThanOrEqual(1);
    }
  });

  it('leaves one colour as it is', () => {
    const flat = made((_x, _y, c) => [7, 128, 255][c]!);
    expect(turned(flat, 11, 0.83)).toEqual(flat);
  });
});

describe('cropImage', () => {
  it('of the whole is nothing, and of a part is that part scaled', () => {
    const original = noise();
    const target = new Uint8Array(original.length);
    cropImage(
      target,
      { pixels: original, size: SIZE },
      { left: 0, top: 0, width: SIZE, height: SIZE },
    );
    expect(target).toEqual(original);
    const part = { left: 1.5, top: 2, width: 6, height: 7.25 };
    cropImage(target, { pixels: original, size: SIZE }, part);
    const image = { pixels: original, width: SIZE, height: SIZE };
    expect(target).toEqual(resample(image, part, { width: SIZE, height: SIZE }));
  });
});

describe('cutOut', () => {
  it('paints a square grey, clipped at the edges, and nothing else', () => {
    const original = noise();
    for (const [left, top, side] of [
      [3, 4, 5],
      [-2, 10, 6],
      [12, -3, 4],
      [0, 0, 0],
      [-9, 0, 4],
    ] as const) {
      const pixels = original.slice();
      cutOut({ pixels, size: SIZE }, { left, top, side });
      const inside = (x: number, y: number): boolean =>
        x >= left && x < left + side && y >= top && y < top + side;
      expect(pixels).toEqual(made((x, y, c) => (inside(x, y) ? 128 : at(original, x, y, c))));
    }
  });
});

describe('changeColour', () => {
  const changed = (pixels: Uint8Array, change: Partial<Parameters<typeof changeColour>[1]>) => {
    const copy = pixels.slice();
    changeColour(
      { pixels: copy, size: SIZE },
      { brightness: 1, contrast: 1, saturation: 1, hue: 0, ...change },
    );
    return copy;
  };
  const luma = (r: number, g: number, b: number): number => 0.299 * r + 0.587 * g + 0.114 * b;
  const clip = (value: number): number => Math.max(0, Math.min(255, Math.floor(value + 0.5)));

  it('by nothing is nothing, and so is a whole turn of the hue', () => {
    const original = noise();
    expect(changed(original, {})).toEqual(original);
    expect(changed(original, { hue: 1 })).toEqual(original);
    expect(changed(original, { hue: -2 })).toEqual(original);
  });

  it('scales all values by the brightness', () => {
    const original = noise();
    expect(changed(original, { brightness: 1.5 })).toEqual(original.map((v) => clip(v * 1.5)));
    expect(new Set(changed(original, { brightness: 0 }))).toEqual(new Set([0]));
  });

  it('scales distances from the mean luma by the contrast', () => {
    const original = noise();
    let sum = 0;
    for (let i = 0; i < original.length; i += 3) {
      sum += luma(original[i]!, original[i + 1]!, original[i + 2]!);
    }
    const mean = sum / (SIZE * SIZE);
    const half = changed(original, { contrast: 0.5 });
    expect(half).toEqual(original.map((v) => clip(mean + (v - mean) * 0.5)));
    expect(new Set(changed(original, { contrast: 0 }))).toEqual(new Set([clip(mean)]));
  });

  it('makes grey of its luma when the saturation is 0, and leaves grey as it is', () => {
    const original = noise();
    const grey = changed(original, { saturation: 0 });
    const expected = made((x, y) =>
      clip(luma(at(original, x, y, 0), at(original, x, y, 1), at(original, x, y, 2))),
    );
    expect(grey).toEqual(expected);
    for (const change of [{ saturation: 1.8 }, { saturation: 0.3 }, { hue: 0.37 }]) {
      expect(changed(grey, change)).toEqual(grey);
    }
  });

  it('turns the hue without changing the luma, and by thirds back to the start', () => {
    // Soft colours, which no rotation takes out of range.
    const soft = made((x, y, c) => 110 + ((x * 5 + y * 3 + c * 17) % 40));
    const turned = changed(soft, { hue: 1 / 3 });
    for (let i = 0; i < soft.length; i += 3) {
      const before = luma(soft[i]!, soft[i + 1]!, soft[i + 2]!);
      expect(Math.abs(luma(turned[i]!, turned[i + 1]!, turned[i + 2]!) - before)).toBeLessThan(1);
    }
    const back = changed(changed(turned, { hue: 1 / 3 }), { hue: 1 / 3 });
    // Rounded three times; each loses up to half a level, which the next rotation may enlarge.
    expect(Math.max(...back.map((v, i) => Math.abs(v - soft[i]!)))).toBeLessThanOrEqual(3);
    expect(turned).not.toEqual(soft);
  });
});

describe('drawAugmentation', () => {
  const context = { seed: 3, epoch: 5, id: 'a', size: 64 };

  it('is a function of seed, epoch and image, and of nothing else', () => {
    const all = drawAugmentation(AUGMENTATIONS, context);
    expect(drawAugmentation(AUGMENTATIONS, context)).toEqual(all);
    for (const other of [{ seed: 4 }, { epoch: 6 }, { id: 'b' }]) {
      expect(drawAugmentation(AUGMENTATIONS, { ...context, ...other })).not.toEqual(all);
    }
  });

  it('draws each augmentation alike, whatever others there are', () => {
    const all = drawAugmentation(AUGMENTATIONS, context);
    const alone = (kind: (typeof AUGMENTATIONS)[number]): AugmentDraw =>
      drawAugmentation([kind], context);
    expect(alone('crop').crop).toEqual(all.crop);
    expect(alone('colour').colour).toEqual(all.colour);
    expect(alone('cutout').cutout).toEqual(all.cutout);
    expect(alone('flip').flip).toBe(all.flip);
    expect(alone('rotate').turn).toEqual({ ...all.turn, zoom: 1 });
    expect(alone('zoom').turn).toEqual({ ...all.turn, angleDegrees: 0 });
    expect(drawAugmentation([], context)).toEqual(UNCHANGED);
  });

  it('stays within its ranges, reaches both ends of them, and mirrors half', () => {
    const draws = Array.from({ length: 2000 }, (_, i) =>
      drawAugmentation(AUGMENTATIONS, { ...context, id: String(i) }),
    );
    const spread = (values: readonly number[]): readonly [number, number] => [
      Math.min(...values),
      Math.max(...values),
    ];
    const near = (
      [low, high]: readonly [number, number],
      range: readonly [number, number],
    ): void => {
      const slack = (range[1] - range[0]) * 0.01;
      expect(low).toBeGreaterThanOrEqual(range[0]);
      expect(low).toBeLessThan(range[0] + slack);
      expect(high).toBeLessThanOrEqual(range[1]);
      expect(high).toBeGreaterThan(range[1] - slack);
    };
    near(spread(draws.map(({ turn }) => turn.angleDegrees)), [-15, 15]);
    near(spread(draws.map(({ turn }) => turn.zoom)), AUGMENT_RANGES.zoom.factor);
    near(spread(draws.map(({ colour }) => colour.brightness)), [0.6, 1.4]);
    near(spread(draws.map(({ colour }) => colour.hue)), [-0.02, 0.02]);
    // A wide part of nearly everything is cut to the image, so that few keep it all.
    const [least, most] = spread(draws.map(({ crop }) => (crop.width * crop.height) / 64 ** 2));
    expect(least).toBeGreaterThanOrEqual(0.5);
    expect(least).toBeLessThan(0.505);
    expect(most).toBeLessThanOrEqual(1);
    expect(most).toBeGreaterThan(0.95);
    for (const { crop, cutout } of draws) {
      expect(crop.left + crop.width).toBeLessThanOrEqual(64);
      expect(crop.top + crop.height).toBeLessThanOrEqual(64);
      expect(cutout.side).toBe(16);
      expect(cutout.left + 8).toBeGreaterThanOrEqual(0);
      expect(cutout.left + 8).toBeLessThan(64);
    }
    // 2,000 tosses: within five standard deviations of half.
    const flips = draws.filter(({ flip }) => flip).length;
    expect(Math.abs(flips - 1000)).toBeLessThan(5 * Math.sqrt(500));
  });

  it('passes through the numbers that threads share', () => {
    for (const kinds of [AUGMENTATIONS, [], ['flip', 'cutout']] as const) {
      const draw = drawAugmentation(kinds, context);
      const fields = fieldsOfDraw(draw);
      expect(fields).toHaveLength(AUGMENT_FIELDS);
      expect(drawOfFields(Float64Array.from(fields))).toEqual(draw);
    }
  });
});

describe('augment', () => {
  it('applies crop, turn, mirror, colour and cutout in this order', () => {
    const original = noise();
    const draw = drawAugmentation(AUGMENTATIONS, { seed: 1, epoch: 0, id: 'x', size: SIZE });
    const flipped = { ...draw, flip: true };
    const cropped = new Uint8Array(original.length);
    cropImage(cropped, { pixels: original, size: SIZE }, draw.crop);
    const pixels = new Uint8Array(original.length);
    turnImage(pixels, { pixels: cropped, size: SIZE }, draw.turn);
    flipImage({ pixels, size: SIZE });
    changeColour({ pixels, size: SIZE }, draw.colour);
    cutOut({ pixels, size: SIZE }, draw.cutout);
    expect(augment({ pixels: original, size: SIZE }, flipped)).toEqual(pixels);
    expect(original).toEqual(noise());
  });

  it('of nothing is a copy', () => {
    const original = noise();
    const copy = augment({ pixels: original, size: SIZE }, UNCHANGED);
    expect(copy).toEqual(original);
    expect(copy).not.toBe(original);
    expect(isUnchanged(UNCHANGED, SIZE)).toBe(true);
    const whole = { left: 0, top: 0, width: SIZE, height: SIZE };
    expect(isUnchanged({ ...UNCHANGED, crop: whole }, SIZE)).toBe(true);
    expect(isUnchanged({ ...UNCHANGED, flip: true }, SIZE)).toBe(false);
  });
});

it('parseAugmentations orders names, and lists those that there are', () => {
  expect(parseAugmentations('none')).toEqual([]);
  expect(parseAugmentations('flip, crop')).toEqual(['crop', 'flip']);
  expect(() => parseAugmentations('flip,blur')).toThrow(
    'augment: must be none or a list of crop,jitter,rotate,zoom,flip,colour,cutout, but got blur. Use flip,colour, for example.',
  );
});
