/** Twins of generated faces, checked against the images that the data folder holds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTable } from '@janus/data';
import { changeFace, planFaces, renderPlannedFace } from '@janus/faces';
import { decodeImage } from '@janus/images';
import type { SquareImages } from '@janus/models';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findDomain, type Domain } from '../cyclegan/domains.js';
import { cropImages } from '../dataset/crop-images.js';
import { generateFaces } from '../dataset/generate-faces.js';
import { decodeItems } from '../item-images.js';
import { twinsOf, type Twins } from './twins.js';

const SIZE = 32;
const lines: string[] = [];
const reporter = { log: (line: string) => void lines.push(line), progress: () => undefined };

let root = '';
let cropped = '';
let whole = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'janus-twins-'));
  whole = join(root, 'whole');
  cropped = join(root, 'cropped');
  const planted = {
    labelNoise: { column: 'smile', rate: 0.2 },
    ...{ blankRate: 0.1, duplicateRate: 0.2 },
  };
  for (const out of [whole, cropped]) await generateFaces(30, { out, size: 64, ...planted });
  await cropImages(cropped, { by: 'box', size: 40, minSide: 8 });
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

const domainOf = (folder: string, filter: string): Promise<Domain> =>
  findDomain(`${folder}:${filter}`, 'test');

async function twinned(
  from: Domain,
  to: Domain,
): Promise<{ readonly images: SquareImages; readonly twins: Twins | undefined }> {
  lines.length = 0;
  const images = await decodeItems(from.items, { size: SIZE, folder: from.folder, reporter });
  return { images, twins: await twinsOf(from, { to, images, reporter }) };
}

const at = ({ pixels }: SquareImages, i: number): Uint8Array =>
  pixels.subarray(i * SIZE * SIZE * 3, (i + 1) * SIZE * SIZE * 3);

it.each(['whole', 'cropped'])(
  'twins with the same value are the images themselves, %s',
  async (name) => {
    const domain = await domainOf(join(root, name), 'presentation=feminine');
    const { images, twins } = await twinned(domain, domain);
    expect(twins?.places.length).toBeGreaterThan(5);
    twins?.places.forEach((place, i) => {
      expect(at(twins.images, i)).toEqual(at(images, place));
    });
  },
);

it('a twin is the same face drawn with the other value', async () => {
  const [from, to] = await Promise.all(
    ['feminine', 'masculine'].map((value) => domainOf(whole, `presentation=${value}`)),
  );
  const { images, twins } = await twinned(from!, to!);
  const plans = planFaces(30, {
    labelNoise: { column: 'smile', rate: 0.2 },
    ...{ blankRate: 0.1, duplicateRate: 0.2 },
  });
  for (const [i, place] of (twins?.places ?? []).entries()) {
    const plan = plans.find(({ id }) => id === from!.items[place]?.id)!;
    const face = changeFace(plan.face, { presentation: 'masculine' });
    const file = await renderPlannedFace({ ...plan, face }, { size: 64, format: 'jpeg' });
    expect(at(twins!.images, i)).toEqual(await decodeImage(file, SIZE));
    expect(at(twins!.images, i)).not.toEqual(at(images, place));
  }
});

it('images without a face or with a wrong label have no twin', async () => {
  const from = await domainOf(whole, 'smile=none');
  const { twins } = await twinned(from, await domainOf(whole, 'smile=broad'));
  const rows = await readTable(join(whole, 'manifest.parquet'));
  const truthful = new Set(
    rows.flatMap((row) =>
      row['smile'] === 'none' && row['smile_truth'] === 'none' && row['planted'] !== 'blank'
        ? [row['id']]
        : [],
    ),
  );
  expect(truthful.size).toBeLessThan(from.items.length);
  expect(twins?.places.map((place) => from.items[place]?.id)).toEqual(
    from.items.flatMap(({ id }) => (truthful.has(id) ? [id] : [])),
  );
});

it('there are no twins where domains are not values of the same attributes', async () => {
  const from = await domainOf(whole, 'presentation=feminine');
  const others = ['smile=broad', 'presentation=feminine,smile=broad', 'age_group=18-29', ''];
  for (const filter of others) {
    expect((await twinned(from, await domainOf(whole, filter))).twins).toBeUndefined();
  }
});

it('there are no twins, and a line says so, where the faces were drawn otherwise', async () => {
  const domain = await domainOf(whole, 'presentation=feminine');
  const images = {
    ...{ count: domain.items.length, size: SIZE },
    pixels: new Uint8Array(domain.items.length * SIZE * SIZE * 3),
  };
  lines.length = 0;
  expect(await twinsOf(domain, { to: domain, images, reporter })).toBeUndefined();
  expect(lines.join()).toMatch(/draws its faces otherwise.*Make the data again/);
});
