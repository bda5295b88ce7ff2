import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCycleGan, CYCLEGAN_TEST, sampleTranslations } from '@janus/models';
import { useEngine } from '@janus/engine';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { writeSampleStrips } from './sample-strips.js';
import { alarmsOf, readSamples, writeSamples, type Sample } from './samples.js';

it('samples are read back as they were written, and make strips of both directions', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'janus-strips-'));
  await useEngine({ engine: 'js' });
  const size = 16;
  const random = (count: number): Uint8Array =>
    Uint8Array.from({ length: count * size * size * 3 }, (_, i) => (i * 7919) % 251);
  const watched = {
    ...{ imagesX: random(3), imagesY: random(2), size, titles: { x: 'cats', y: 'dogs' } },
  };
  const cyclegan = createCycleGan(CYCLEGAN_TEST);
  const written: Sample[] = [];
  try {
    for (const step of [100, 200, 1000]) {
      const sample = { ...(await sampleTranslations(cyclegan.networks, watched)), step };
      await writeSamples(folder, sample, watched);
      written.push(sample);
      expect(await writeSampleStrips(folder, watched)).toHaveLength(step === 100 ? 0 : 4);
    }
  } finally {
    cyclegan.dispose();
  }
  const read = await readSamples(folder);
  expect(read.map(({ step }) => step)).toEqual([100, 200, 1000]);
  read.forEach(({ fakeX, fakeY }, i) => {
    expect(Uint8Array.from(fakeY)).toEqual(written[i]!.fakeY);
    expect(Uint8Array.from(fakeX ?? [])).toEqual(written[i]!.fakeX);
    expect(alarmsOf(read[i]!, watched)).toEqual(alarmsOf(written[i]!, watched));
  });
  expect(await readSamples(folder, { upTo: 250 })).toHaveLength(2);
  const samples = join(folder, 'samples');
  expect((await readdir(samples)).filter((name) => name.startsWith('strip'))).toEqual([
    ...['strip-back.png', 'strip-back.webp', 'strip.png', 'strip.webp'],
  ]);
  const { pages } = await sharp(join(samples, 'strip.webp'), { animated: true }).metadata();
  expect(pages).toBe(3);
  // Each of the four rows has its margin: the originals and three samples.
  const { height } = await sharp(join(samples, 'strip.png')).metadata();
  expect(height).toBeGreaterThan(4 * 96);
  await rm(folder, { recursive: true });
});

it('samples of one direction make one strip, and have the alarms of one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'janus-strips-'));
  const size = 16;
  const images = Uint8Array.from({ length: 2 * size * size * 3 }, (_, i) => (i * 7919) % 251);
  const watched = { imagesX: images, imagesY: images, size, titles: { x: 'cats', y: 'dogs' } };
  for (const step of [100, 200]) {
    await writeSamples(folder, { step, fakeY: images.map((value) => 255 - value) }, watched);
  }
  expect(await writeSampleStrips(folder, watched)).toHaveLength(2);
  const [first] = await readSamples(folder);
  expect(first?.fakeX).toBeUndefined();
  expect(Object.keys(alarmsOf(first!, watched))).toEqual(['xToY']);
  await rm(folder, { recursive: true });
});
