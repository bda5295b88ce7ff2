/** CycleGANs of images that are not square. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, it } from 'vitest';
import { streamOf, type BatchSource, type StepRecord, type UnpairedBatch } from '@janus/core';
import { useEngine } from '@janus/engine';
import { cycleGanArchitecture } from './cyclegan-architecture.js';
import { buildDiscriminator, wholeKernel } from './cyclegan-discriminator.js';
import { CYCLEGAN_ATTRIBUTE, CYCLEGAN_TEST, type CycleGanOptions } from './cyclegan-presets.js';
import {
  checkpointOfCycleGan,
  createCycleGan,
  restoreCycleGan,
  type CycleGan,
} from './cyclegan-state.js';
import { cycleGanSteps } from './cyclegan-steps.js';
import { sampleTranslations } from './cyclegan-translate.js';
import { registerLayers } from '../layers.js';
import { shifted, shiftIndices } from './shifts.js';
import { peakSignalToNoise, structuralSimilarity } from '../image-metrics/similarity.js';

beforeAll(async () => {
  await useEngine({ engine: 'wasm' });
  registerLayers();
});

/** Images of noise, two of each domain a batch, three batches an epoch. */
function noise(height: number, width: number): BatchSource<UnpairedBatch> {
  return {
    stepsPerEpoch: 3,
    // eslint-disable-next-line @typescript-eslint/require-await -- batches of other sources are awaited
    batches: async function* ({ epoch, batch }) {
      for (let at = 3 * epoch + batch; ; at++) {
        const images = (base: number): Uint8Array => {
          const stream = streamOf(1, 'noise', base, at);
          const length = 2 * height * width * 3;
          return Uint8Array.from({ length }, () => base + stream.integer(60));
        };
        const next = { epoch: Math.floor((at + 1) / 3), batch: (at + 1) % 3 };
        yield {
          ...{ imagesX: images(20), imagesY: images(170), idsX: ['a', 'b'], idsY: ['c', 'd'] },
          ...{ size: 2, height, width, next },
        };
      }
    },
  };
}

async function train(cyclegan: CycleGan, maxSteps: number): Promise<readonly StepRecord[]> {
  const { imageSize, imageWidth = imageSize } = cyclegan.options;
  const records: StepRecord[] = [];
  const source = noise(imageSize, imageWidth);
  for await (const record of cycleGanSteps(cyclegan, source, { maxSteps, clock: () => 0 })) {
    if (record.kind === 'step') records.push(record);
  }
  return records;
}

const arraysOf = async (cyclegan: CycleGan) => (await checkpointOfCycleGan(cyclegan)).arrays;

const SMALL = { generatorFilters: 2, discriminatorFilters: 2, poolSize: 3 } as const;
const PAIRS = { generator: 'unet', paired: true, poolSize: 0 } as const;
const SCALES = { discriminatorScales: 2, norm: 'batch' } as const;
/** Everything whose numbers depend on where a pixel lies. */
const PLACED: CycleGanOptions = {
  ...{ ...CYCLEGAN_TEST, ...SMALL, skip: 'residual', bend: 0.2, upsampling: 'resize' },
  ...{ globalView: true, shift: 3, discriminatorScales: 1, batchSize: 2 },
};

const TALL = { imageSize: 32, imageWidth: 16 };
const WIDE = { imageSize: 16, imageWidth: 32 };

it.each([
  ['the paper’s forms', { ...CYCLEGAN_TEST, ...SMALL, ...TALL }],
  ['a bend, a shift and a view of the whole', { ...PLACED, ...WIDE }],
  ['a U-Net of pairs', { ...CYCLEGAN_TEST, ...SMALL, ...PAIRS, ...WIDE }],
  ['two scales', { ...CYCLEGAN_TEST, ...SMALL, ...SCALES, ...TALL, imageWidth: 24 }],
] satisfies [string, CycleGanOptions][])(
  'a training of %s takes images that are not square, and goes on from a checkpoint as if it had not stopped',
  async (_name, options) => {
    const { imageSize: size, imageWidth: width, poolSize } = options;
    const straight = createCycleGan(options);
    const records = await train(straight, 2);
    const losses = Object.values(records.at(-1)?.losses ?? { none: NaN });
    expect(losses.every(Number.isFinite)).toBe(true);
    const first = createCycleGan(options);
    await train(first, 1);
    const second = createCycleGan(options);
    restoreCycleGan(second, await checkpointOfCycleGan(first));
    await train(second, 2);
    const arrays = await arraysOf(straight);
    expect(await arraysOf(second)).toEqual(arrays);
    if (poolSize > 0) {
      const pool = arrays.find(({ name }) => name === 'poolX/0');
      expect(pool?.shape).toEqual([1, size, width, 3]);
    }
    const images = new Uint8Array(size * width * 3).fill(90);
    const watched = { imagesX: images, imagesY: images, size, width };
    const made = await sampleTranslations(straight.networks, watched);
    expect(made.cycledX).toHaveLength(images.length);
    for (const each of [straight, first, second]) each.dispose();
  },
);

it('a square with a width is the square without, bit for bit', async () => {
  const made = [];
  for (const options of [PLACED, { ...PLACED, imageWidth: PLACED.imageSize }]) {
    const cyclegan = createCycleGan(options);
    const records = await train(cyclegan, 1);
    made.push({ records, arrays: await arraysOf(cyclegan), is: cycleGanArchitecture(options) });
    cyclegan.dispose();
  }
  expect(made[1]).toEqual(made[0]);
});

it('a view of the whole ends in one logit of whatever is left of both sides, and patches are as many', () => {
  const kernels = [
    [64, 96],
    [96, 64],
    [64, 64],
    [128, 128],
    [16, 512],
  ].map(([height = 0, width = 0]) => wholeKernel(height, width));
  expect(kernels).toEqual([
    ...[
      [4, 6],
      [6, 4],
      [4, 4],
      [4, 4],
    ],
    ...[[4, 128]],
  ]);
  for (const [height, width] of [
    [16, 24],
    [24, 16],
  ] as const) {
    const discriminator = buildDiscriminator({
      ...{ imageSize: height, imageWidth: width, filters: 1, layers: 2, globalView: true },
    });
    const [patches, whole] = discriminator.outputs;
    expect(patches?.shape).toEqual([null, height / 4 - 2, width / 4 - 2, 1]);
    expect(whole?.shape).toEqual([null, 1, 1, 1]);
    discriminator.dispose();
  }
});

it('shifts move rows and columns of an image that is not square by whole pixels, and repeat its border', () => {
  const [height, width] = [4, 7];
  const pixels = Float32Array.from({ length: height * width }, (_, i) => i);
  for (let step = 0; step < 20; step++) {
    const options = { count: 1, size: height, width, shift: 2, seed: 1, step, name: 'a' };
    const indices = shiftIndices(options);
    const image = tf.tensor4d(pixels, [1, height, width, 1]);
    const result = shifted(image, indices);
    const moved = Array.from(result.dataSync());
    const all = Array.from(indices.dataSync());
    tf.dispose([indices, image, result]);
    // From which row the second comes, and from which column the third.
    const [down, right] = [all[1]! - 1, all[width + 2]! - 2];
    const [rows, columns] = [Math.max(-1, down), Math.max(-2, right)];
    const at = (i: number, by: number, last: number): number => Math.min(Math.max(i + by, 0), last);
    // A shift of -2 clips at row 1: only those that are seen exactly are compared.
    if (rows === -1) continue;
    expect(moved).toEqual(
      Array.from({ length: height * width }, (_, i) => {
        const [y, x] = [Math.floor(i / width), i % width];
        return at(y, rows, height - 1) * width + at(x, columns, width - 1);
      }),
    );
  }
});

it('sides that networks cannot take are refused by their name, and a checkpoint names both', () => {
  const create = (change: Partial<CycleGanOptions>): string => {
    try {
      createCycleGan({ ...CYCLEGAN_TEST, ...SMALL, ...change }).dispose();
      return 'was made';
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
  };
  expect(create({ imageSize: 32, imageWidth: 18 })).toBe(
    'buildGenerator: imageWidth must be a multiple of 4 and at least 8, but got 18. Resize to 16 or 20.',
  );
  expect(create({ imageSize: 18, imageWidth: 32 })).toMatch(/imageSize must be .* but got 18/);
  expect(create({ imageSize: 32, imageWidth: 20, discriminatorLayers: 3 })).toBe(
    'buildDiscriminator: imageWidth must be a multiple of 8 and at least 24, but got 20. Resize the images, or use fewer layers.',
  );
  expect(create({ imageSize: 64, imageWidth: 72, generator: 'unet' })).toMatch(
    /imageWidth must be a multiple of 16/,
  );
  const wide = { ...CYCLEGAN_ATTRIBUTE, imageSize: 64, imageWidth: 96 };
  expect(cycleGanArchitecture(wide)).toMatch(/^cyclegan 96 x 64 px, resnet-3 of 16 filters/);
  expect(cycleGanArchitecture(CYCLEGAN_ATTRIBUTE)).toMatch(/^cyclegan 64 px, resnet-3/);
});

it('pairs of images that are not square are as alike as the same pixels in parts', () => {
  const stream = streamOf(2, 'pairs');
  const plane = (): Uint8Array =>
    Uint8Array.from({ length: 13 * 11 * 3 }, () => stream.integer(256));
  const [a, b] = [plane(), plane()];
  const of = (pixels: Uint8Array, size: number, width: number) => ({
    pixels,
    count: 1,
    size,
    width,
  });
  const transposed = (pixels: Uint8Array): Uint8Array =>
    pixels.map((_, i) => {
      const [y, x, c] = [Math.floor(i / 3 / 13), Math.floor(i / 3) % 13, i % 3];
      return pixels[(x * 11 + y) * 3 + c]!;
    });
  const tall = [of(a, 13, 11), of(b, 13, 11)] as const;
  const wide = [of(transposed(a), 11, 13), of(transposed(b), 11, 13)] as const;
  expect(peakSignalToNoise(...tall)[0]).toBeCloseTo(peakSignalToNoise(...wide)[0]!, 10);
  expect(structuralSimilarity(...tall)[0]).toBeCloseTo(structuralSimilarity(...wide)[0]!, 10);
  expect(structuralSimilarity(tall[0], tall[0])).toEqual([1]);
  expect(() => peakSignalToNoise(tall[0], wide[0])).toThrow(/got 1 of 11 x 13 px and 1 of 13 x 11/);
});
