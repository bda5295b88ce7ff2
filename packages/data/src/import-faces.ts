import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { OptionsError, permutationOf, streamOf, type ProgressListener } from '@janus/core';
import sharp from 'sharp';
import { forEachConcurrently } from './images.js';
import { checkOutput, finishImport, newRow, type ImportOptions } from './importing.js';
import type { ManifestRow, StepResult } from './manifest.js';
import { ageGroupOf, FACE_VALUES, sampleFace, type FaceNumber } from './face-attributes.js';
import { drawFace } from './face-drawing.js';
import type { Cell } from './tables.js';

/** What is planted on purpose; the column `planted` says where. */
export interface SyntheticOptions extends ImportOptions {
  /** Side of a picture in pixels, 32 to 512; default 128. */
  readonly size?: number;
  /** Which faces; default 1. */
  readonly seed?: number;
  /** Wrong labels in a column; the truth stands in `<column>_truth`. Default none. */
  readonly labelNoise?: { readonly column: string; readonly rate: number };
  /** Shares of all faces, 0 to 1, defaults 0; what is planted does not overlap. */
  readonly blankRate?: number;
  readonly corruptRate?: number;
  /** Byte-identical copies and re-encoded ones, half and half. */
  readonly duplicateRate?: number;
  /** Default 1; more pictures of a person differ in pose, light, smile and background. */
  readonly picturesPerPerson?: number;
  readonly report?: ProgressListener;
}

/** JPEG, as pictures of people come; 90 keeps lashes at 64 pixels. */
const JPEG_QUALITY = 90;

type Planted = 'blank' | 'corrupt' | 'duplicate' | 'duplicate-near';

interface Plan {
  readonly id: string;
  readonly face: FaceNumber;
  readonly planted: Planted | null;
  /** The label of the noisy column, when it is a wrong one. */
  readonly wrong: string | null;
}

/**
 * Makes a data set of generated faces with at least twelve independent attributes.
 *
 * @param input how many faces, 1 to 1,000,000
 * @throws OptionsError when a number is out of range or the noisy column is no attribute
 */
export async function importSynthetic(
  input: string,
  options: SyntheticOptions,
): Promise<StepResult> {
  const { size = 128, seed = 1, report } = options;
  const count = Number(input);
  if (!Number.isInteger(count) || count < 1 || count > 1_000_000) {
    throw new OptionsError(
      `import synthetic: the input is how many faces, a whole number from 1 to 1000000, but got ${input}. Write for example 600.`,
    );
  }
  if (!Number.isInteger(size) || size < 32 || size > 512) {
    throw new OptionsError(
      `import synthetic: size must be whole pixels from 32 to 512, but got ${size}. Use 64 or 128.`,
    );
  }
  await checkOutput(options);
  const plans = planFaces(count, options);
  const out = resolve(options.out);
  await mkdir(dirname(out), { recursive: true });
  // Pictures are made aside: a folder that was interrupted never looks like a data set.
  const work = await mkdtemp(join(dirname(out), `.${basename(out)}-`));
  try {
    await mkdir(join(work, 'images'));
    let done = 0;
    await forEachConcurrently(plans, async (plan) => {
      await writePicture(join(work, 'images', `${plan.id}.jpg`), plan, { size, seed });
      done += 1;
      report?.({ done, total: plans.length, unit: 'faces', label: 'drawing' });
    });
    await rm(join(out, 'images'), { recursive: true, force: true });
    await mkdir(out, { recursive: true });
    await rename(join(work, 'images'), join(out, 'images'));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return await finishImport(out, {
    rows: plans.map((plan) => rowOf(plan, options)),
    rejects: [],
    source: `${count} synthetic faces`,
    licence: 'generated; free of rights and of people',
    options: { ...planted(options), count, size, seed },
  });
}

/** The options that say what was planted: the part of the story that a reader wants. */
function planted(options: SyntheticOptions): Record<string, unknown> {
  const { labelNoise, blankRate = 0, corruptRate = 0, duplicateRate = 0 } = options;
  const { picturesPerPerson = 1 } = options;
  return { labelNoise: labelNoise ?? null, blankRate, corruptRate, duplicateRate, picturesPerPerson };
}

function planFaces(count: number, options: SyntheticOptions): readonly Plan[] {
  const { seed = 1, labelNoise, picturesPerPerson = 1 } = options;
  const { blankRate = 0, corruptRate = 0, duplicateRate = 0 } = options;
  if (blankRate + corruptRate + duplicateRate > 1) {
    throw new OptionsError(
      `import synthetic: rates of blank, corrupt and duplicate pictures must add up to at most 1, but got ${blankRate + corruptRate + duplicateRate}. Lower them.`,
    );
  }
  const values = labelNoise === undefined ? [] : FACE_VALUES[labelNoise.column];
  if (values === undefined) {
    throw new OptionsError(
      `import synthetic: wrong labels can be planted in ${Object.keys(FACE_VALUES).join(', ')}, but got ${labelNoise?.column ?? ''}. Choose one of them.`,
    );
  }
  const order = permutationOf(count, streamOf(seed, 'planted'));
  const planted = new Map<number, Planted>();
  let at = 0;
  const plant = (kind: Planted, rate: number): void => {
    for (let i = 0; i < Math.round(rate * count); i++) planted.set(order[at++] ?? 0, kind);
  };
  plant('blank', blankRate);
  plant('corrupt', corruptRate);
  plant('duplicate', duplicateRate / 2);
  plant('duplicate-near', duplicateRate / 2);
  const noisy = new Set(
    permutationOf(count, streamOf(seed, 'label noise')).subarray(
      0,
      Math.round((labelNoise?.rate ?? 0) * count),
    ),
  );
  const digits = Math.max(5, String(count - 1).length);
  let original = 0;
  return Array.from({ length: count }, (_, i): Plan => {
    const kind = planted.get(i) ?? null;
    const own = { person: Math.floor(i / picturesPerPerson), picture: i % picturesPerPerson };
    const copied = kind === 'duplicate' || kind === 'duplicate-near';
    // A copy repeats the last face that is whole; the first face has nothing to repeat.
    const source = copied ? original : i;
    if (kind === null) original = i;
    const face = {
      seed,
      ...(copied
        ? {
            person: Math.floor(source / picturesPerPerson),
            picture: source % picturesPerPerson,
          }
        : own),
    };
    const wrong =
      noisy.has(i) && labelNoise !== undefined
        ? wrongValue(face, labelNoise.column, { values, seed, i })
        : null;
    return { id: `face-${String(i).padStart(digits, '0')}`, face, planted: kind, wrong };
  });
}

function wrongValue(
  face: FaceNumber,
  column: string,
  choice: { readonly values: readonly string[]; readonly seed: number; readonly i: number },
): string {
  const truth = labelsOf(face)[column];
  const others = choice.values.filter((value) => value !== truth);
  return others[streamOf(choice.seed, 'wrong', choice.i).integer(others.length)] ?? '';
}

function labelsOf(face: FaceNumber): Record<string, Cell> {
  const { attributes } = sampleFace(face);
  return { ...attributes, age_group: ageGroupOf(attributes.age) };
}

function rowOf(plan: Plan, options: SyntheticOptions): ManifestRow {
  const { labelNoise } = options;
  const labels = labelsOf(plan.face);
  if (labelNoise !== undefined) {
    labels[`${labelNoise.column}_truth`] = labels[labelNoise.column] ?? null;
    if (plan.wrong !== null) labels[labelNoise.column] = plan.wrong;
  }
  labels['planted'] = plan.planted ?? (plan.wrong === null ? null : 'label-noise');
  return newRow({
    id: plan.id,
    path: `images/${plan.id}.jpg`,
    identity: `person-${plan.face.person}`,
    labels,
  });
}

async function writePicture(
  path: string,
  plan: Plan,
  picture: { readonly size: number; readonly seed: number },
): Promise<void> {
  const { size } = picture;
  const { attributes, nuisance } = sampleFace(plan.face);
  if (plan.planted === 'blank') {
    const grey = 90 + (nuisance.noiseSeed % 150);
    await sharp({
      create: { width: size, height: size, channels: 3, background: { r: grey, g: grey, b: grey } },
    })
      .jpeg({ quality: JPEG_QUALITY })
      .toFile(path);
    return;
  }
  // Drawn at twice the size and scaled: sharp does it better than the rasteriser.
  const pixels = await sharp(Buffer.from(drawFace(attributes, nuisance, size * 2)))
    .resize(size, size)
    .removeAlpha()
    .raw()
    .toBuffer();
  const grain = streamOf(plan.face.seed, 'grain', nuisance.noiseSeed);
  for (let i = 0; i < pixels.length; i++) {
    const noise = (grain.next() + grain.next() - 1) * 11;
    pixels[i] = Math.max(0, Math.min(255, Math.round((pixels[i] ?? 0) + noise)));
  }
  const jpeg = await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
    .jpeg({ quality: plan.planted === 'duplicate-near' ? 70 : JPEG_QUALITY })
    .toBuffer();
  // A download that broke off: the head of the file, then nothing.
  await writeFile(path, plan.planted === 'corrupt' ? jpeg.subarray(0, jpeg.length >> 1) : jpeg);
}
