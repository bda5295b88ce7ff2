import * as tf from '@tensorflow/tfjs';
import { OptionsError, type FaceBox } from '@janus/core';
import { useEngine } from '@janus/engine';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConvertedGraph } from './converted-graph.js';
import { makeFaceDetector, type FaceDetector, type FaceDetectorOptions } from './face-detector.js';

beforeAll(async () => {
  await useEngine();
});

const SIDE = 256;

/** Boxes of the made-up network: moved off the middle of their cell, then a width and a height. */
const FINE = [2, -3, 40, 30] as const;
const COARSE = [-8, 4, 96, 90] as const;

interface Heads {
  readonly cells: number;
  readonly anchors: number;
  readonly box: readonly [number, number, number, number];
}

/**
 * A network whose faces are drawn: the first anchor of a cell of 16 pixels is as sure as the cell is red, that of a
 * cell of 32 as it is green: logits from -15 for none of it to 5 for all of it. Other anchors see nothing.
 */
function drawnNetwork(): ConvertedGraph {
  const boxes = [
    { cells: 16, anchors: 2, box: FINE },
    { cells: 8, anchors: 6, box: COARSE },
  ].map(({ cells, anchors, box }: Heads) => {
    const count = cells * cells * anchors;
    const values = Array.from({ length: count }, () => [...box, ...new Array<number>(12).fill(7)]);
    return tf.tidy(() => tf.variable(tf.tensor3d(values.flat(), [1, count, 16]), false));
  });
  return {
    run: (input) => {
      const scores = [16, 8].map((cells, channel) => {
        const colour = tf.slice(input, [0, 0, 0, channel], [-1, -1, -1, 1]);
        const sure = tf.sub(tf.mul(tf.avgPool(colour, SIDE / cells, SIDE / cells, 'valid'), 10), 5);
        const others = tf.sub(tf.mul(sure, 0), 20);
        const anchors = channel === 0 ? 2 : 6;
        const all = tf.concat([sure, ...new Array<tf.Tensor>(anchors - 1).fill(others)], 3);
        return tf.reshape(all, [input.shape[0], cells * cells * anchors, 1]);
      });
      return [...scores, ...boxes.map((each) => tf.tile(each, [input.shape[0], 1, 1]))];
    },
    dispose: () => {
      tf.dispose(boxes);
    },
  };
}

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** 0 is red, 1 green. */
  readonly channel?: 0 | 1;
  readonly level?: number;
}

function drawn(spots: readonly Spot[], width = SIDE, height = SIDE): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (const { channel = 0, level = 255, ...spot } of spots) {
    for (let y = spot.y; y < spot.y + spot.height; y++) {
      for (let x = spot.x; x < spot.x + spot.width; x++)
        pixels[(y * width + x) * 3 + channel] = level;
    }
  }
  return pixels;
}

/** The whole of a cell of 16 pixels. */
const cell = (column: number, row: number, level = 255): Spot => ({
  ...{ x: 16 * column, y: 16 * row, width: 16, height: 16, level },
});

const opened: { readonly dispose: () => void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.dispose();
  expect(tf.memory().numTensors).toBe(0);
});

function detectorOf(options: FaceDetectorOptions = {}): FaceDetector {
  const network = drawnNetwork();
  const detector = makeFaceDetector(network, options);
  opened.push(detector, network);
  return detector;
}

function expectBox(
  face: FaceBox | undefined,
  box: readonly [number, number, number, number],
): void {
  const { x1, y1, x2, y2 } = face ?? { x1: NaN, y1: NaN, x2: NaN, y2: NaN };
  [x1, y1, x2, y2].forEach((value, i) => {
    expect(value).toBeCloseTo(box[i] ?? NaN, 4);
  });
}

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

describe('makeFaceDetector', () => {
  it('places boxes by their cells, of both layers, the surest first', async () => {
    const { detect } = detectorOf();
    const green: Spot = { x: 192, y: 160, width: 32, height: 32, channel: 1, level: 230 };
    const faces = await detect(drawn([cell(5, 3), green]), SIDE, SIDE);
    expect(faces).toHaveLength(2);
    // Middle (88 + 2, 56 - 3), 40 x 30.
    expectBox(faces[0], [70, 38, 110, 68]);
    expect(faces[0]?.score).toBeCloseTo(sigmoid(5), 5);
    // Middle (208 - 8, 176 + 4), 96 x 90.
    expectBox(faces[1], [152, 135, 248, 225]);
    expect(faces[1]?.score).toBeCloseTo(sigmoid((230 / 127.5 - 1) * 10 - 5), 5);
  });

  it('gives boxes in pixels of an image that is larger, and not square', async () => {
    const { detect } = detectorOf();
    // Half as large, 64 rows of black above: the spot is the cell (5, 3) again, and reaches out at the top.
    const wide: Spot = { x: 160, y: 0, width: 32, height: 32 };
    const [face, ...others] = await detect(drawn([wide], 512, 256), 512, 256);
    expect(others).toEqual([]);
    expectBox(face, [140, (54 - 64) * 2, 220, (84 - 64) * 2]);
    const tall: Spot = { x: 0, y: 160, width: 32, height: 32 };
    const [beside] = await detect(drawn([tall], 256, 512), 256, 512);
    expectBox(beside, [(54 - 64) * 2, 140, (94 - 64) * 2, 200]);
  });

  it('takes boxes that overlap for one face, the surest, and boxes that hardly do for two', async () => {
    const { detect } = detectorOf();
    // 16 pixels apart: 24 x 30 of 2 x 40 x 30 in common, 0.43; 32 apart: 0.11.
    const near = await detect(drawn([cell(5, 3, 240), cell(6, 3)]), SIDE, SIDE);
    expect(near).toHaveLength(1);
    expectBox(near[0], [86, 38, 126, 68]);
    const far = await detect(drawn([cell(5, 3, 240), cell(7, 3)]), SIDE, SIDE);
    expect(far.map(({ x1 }) => Math.round(x1))).toEqual([102, 70]);
    const strict = detectorOf({ maxOverlap: 0.1 });
    expect(await strict.detect(drawn([cell(5, 3, 240), cell(7, 3)]), SIDE, SIDE)).toHaveLength(1);
    const lenient = detectorOf({ maxOverlap: 0.5 });
    expect(await lenient.detect(drawn([cell(5, 3, 240), cell(6, 3)]), SIDE, SIDE)).toHaveLength(2);
  });

  it('counts what is surer than minScore', async () => {
    // The odds of 0.6 have the logarithm 0.405, which lies at (0.5405 + 1) * 127.5 = 196.4.
    const image = drawn([cell(2, 2, 196), cell(8, 8, 197), cell(12, 2, 255)]);
    const count = async (options: FaceDetectorOptions): Promise<number> =>
      (await detectorOf(options).detect(image, SIDE, SIDE)).length;
    expect(await count({})).toBe(2);
    expect(await count({ minScore: 0.55 })).toBe(3);
    expect(await count({ minScore: 0.9 })).toBe(1);
    expect(await count({ minScore: 0.999 })).toBe(0);
  });

  it('gives every image of full and half empty batches its own faces', async () => {
    const images = Array.from({ length: 11 }, (_, i) => drawn(i === 4 ? [] : [cell(i, 11 - i)]));
    const { detect } = detectorOf({ batchSize: 4 });
    const together = await Promise.all(images.map((each) => detect(each, SIDE, SIDE)));
    together.forEach((faces, i) => {
      expect(faces).toHaveLength(i === 4 ? 0 : 1);
      if (i === 4) return;
      const [x, y] = [16 * i + 10, 16 * (11 - i) + 5];
      expectBox(faces[0], [x - 20, y - 15, x + 20, y + 15]);
    });
    const alone = detectorOf({ batchSize: 1 });
    expect(await alone.detect(images[7] ?? new Uint8Array(), SIDE, SIDE)).toEqual(together[7]);
  });

  it('hands an error of the network to everyone whose batch it was, and goes on', async () => {
    const network = drawnNetwork();
    let broken = true;
    const detector = makeFaceDetector(
      {
        ...network,
        run: (input, outputs) => {
          if (broken) throw new RangeError('out of memory');
          return network.run(input, outputs);
        },
      },
      { batchSize: 2 },
    );
    opened.push(detector, network);
    const ask = (): Promise<readonly FaceBox[]> => detector.detect(drawn([cell(5, 3)]), SIDE, SIDE);
    const failed = await Promise.allSettled([ask(), ask(), ask()]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    broken = false;
    expect(await ask()).toHaveLength(1);
  });

  it('refuses options out of their range, and pixels that are not those of an image', () => {
    const network = drawnNetwork();
    opened.push(network);
    const make = (options: FaceDetectorOptions) => (): FaceDetector =>
      makeFaceDetector(network, options);
    for (const minScore of [0, 1, NaN]) expect(make({ minScore })).toThrow(OptionsError);
    expect(make({ maxOverlap: 1.5 })).toThrow(
      'makeFaceDetector: maxOverlap must be above 0 and below 1, but got 1.5. Leave it out for the default.',
    );
    for (const batchSize of [0, 65, 1.5]) expect(make({ batchSize })).toThrow('from 1 to 64');
    const { detect } = detectorOf();
    expect(() => detect(new Uint8Array(300), 10, 9)).toThrow(
      'detect: pixels must be [height, width, 3], but got 300 for 9x10. Decode the image as RGB.',
    );
    expect(() => detect(new Uint8Array(0), 0, 0)).toThrow(OptionsError);
  });
});
