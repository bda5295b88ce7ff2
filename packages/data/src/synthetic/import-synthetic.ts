import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, OptionsError, streamOf, type ProgressListener } from '@janus/core';
import { forEachConcurrently } from '../pictures/images.js';
import { checkOutput, finishImport, newRow, type ImportOptions } from '../sources/importing.js';
import { LABELLINGS } from '../sources/labellings.js';
import type { ManifestRow, StepResult } from '../manifest/manifest.js';
import { planFaces, type PlannedFace, type PlantOptions } from './synthetic-plan.js';
import { checkSize, encodePicture, renderFace, renderFacePixels } from './synthetic-render.js';

/** Options of {@link importSynthetic}: what is drawn, and what is planted on purpose. */
export interface SyntheticOptions extends ImportOptions, PlantOptions {
  /** Side of a picture in pixels, 32 to 512; default 128. */
  readonly size?: number;
  /** Default `jpeg`. */
  readonly format?: 'jpeg' | 'png';
  readonly report?: ProgressListener;
}

/** The quality of a copy that was encoded anew: far enough from the original's 86 to 94. */
const COPY_QUALITY = 70;

/**
 * Makes a data set of generated faces with fourteen independent attributes. Beside the attributes, the
 * manifest says what was planted (`planted`), what a copy copies (`copy_of`) and, where labels are
 * wrong on purpose, what is true (`<column>_truth`).
 *
 * @param input how many faces, 1 to 1,000,000: `600`, `'600'` or `'n=600'`
 * @throws OptionsError when an option is out of range; DataError when the disk is full
 */
export async function importSynthetic(
  input: string | number,
  options: SyntheticOptions,
): Promise<StepResult> {
  const { size = 128, seed = 1, format = 'jpeg', report } = options;
  checkSize('import synthetic', size);
  const plans = planFaces(countOf(input), options);
  await checkOutput(options);
  const out = resolve(options.out);
  const ending = format === 'png' ? 'png' : 'jpg';
  await mkdir(dirname(out), { recursive: true });
  // Pictures are made aside: a folder that was interrupted never looks like a data set.
  const work = await mkdtemp(join(dirname(out), `.${basename(out)}-`));
  const rows: ManifestRow[] = [];
  try {
    const images = join(work, 'images');
    await mkdir(images);
    let done = 0;
    // Faces under way when one fails still write: the folder goes only after the last of them.
    let failure: Error | undefined;
    await forEachConcurrently(plans, async (plan, i) => {
      if (failure !== undefined) return;
      try {
        const path = `images/${plan.id}.${ending}`;
        const bytes = await pictureOf(plan, { size, format });
        await writeFile(join(work, path), bytes);
        rows[i] = rowOf(plan, { path, bytes, size });
        done += 1;
        report?.({ done, total: plans.length, unit: 'faces', label: 'drawing' });
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
    });
    if (failure !== undefined) throw failure;
    await mkdir(out, { recursive: true });
    await rm(join(out, 'images'), { recursive: true, force: true });
    await rename(images, join(out, 'images'));
  } catch (error) {
    throw diskError(error, out);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return await finishImport(out, {
    rows,
    rejects: [],
    source: `${plans.length} synthetic faces`,
    licence: 'generated; free of rights and of people',
    labelling: LABELLINGS.synthetic,
    options: { ...recordedOf(options), count: plans.length, size, seed, format },
  });
}

/** What the story of the data set keeps of the options: what its pictures depend on. */
function recordedOf(options: SyntheticOptions): Record<string, unknown> {
  const { labelNoise, blankRate = 0, corruptRate = 0, duplicateRate = 0 } = options;
  const { picturesPerPerson = 1 } = options;
  return { labelNoise, blankRate, corruptRate, duplicateRate, picturesPerPerson };
}

function countOf(input: string | number): number {
  const count = typeof input === 'number' ? input : Number(input.replace(/^n=/, '').trim() || NaN);
  if (Number.isNaN(count)) {
    throw new OptionsError(
      `import synthetic: the input is how many faces, a whole number from 1 to 1000000, but got ${input}. Write for example 600.`,
    );
  }
  return count;
}

async function pictureOf(
  plan: PlannedFace,
  picture: { readonly size: number; readonly format: 'jpeg' | 'png' },
): Promise<Uint8Array> {
  const { size, format } = picture;
  switch (plan.planted) {
    case 'blank': {
      const { seed, person, picture: k } = plan.face.number;
      const wall = streamOf(seed, 'blank', person, k);
      const colour = [wall.integer(256), wall.integer(256), wall.integer(256)];
      const grey = plan.variant === 0 ? wall.integer(256) : null;
      const pixels = Uint8Array.from(
        { length: size * size * 3 },
        (_, i) => grey ?? colour[i % 3] ?? 0,
      );
      return await encodePicture(pixels, { size, format, quality: 90 });
    }
    case 'corrupt': {
      const file = await renderFace(plan.face, picture);
      // A download that broke off; or bytes that never were a picture.
      if (plan.variant === 0) return file.subarray(0, file.length >> 1);
      const { seed, person, picture: k } = plan.face.number;
      const bytes = streamOf(seed, 'garbage', person, k);
      return Uint8Array.from({ length: 600 + bytes.integer(2000) }, () => bytes.integer(256));
    }
    case 'duplicate':
      return plan.variant === 0
        ? await renderFace(plan.face, picture)
        : await encodePicture(await renderFacePixels(plan.face, size), {
            size,
            format: 'jpeg',
            quality: COPY_QUALITY,
          });
    case 'label-noise':
    case null:
      return await renderFace(plan.face, picture);
  }
}

function rowOf(
  plan: PlannedFace,
  file: { readonly path: string; readonly bytes: Uint8Array; readonly size: number },
): ManifestRow {
  const decodable = plan.planted !== 'corrupt' || plan.variant === 0;
  return newRow({
    id: plan.id,
    path: file.path,
    sha256: createHash('sha256').update(file.bytes).digest('hex'),
    width: decodable ? file.size : null,
    height: decodable ? file.size : null,
    identity: `person-${plan.face.number.person}`,
    labels: { ...plan.labels, planted: plan.planted, copy_of: plan.copyOf },
  });
}

function diskError(error: unknown, out: string): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return new DataError(
      `${out}: needs more space than the disk has left. Free some, or ask for fewer or smaller faces.`,
      { path: out, cause: error },
    );
  }
  return error;
}
