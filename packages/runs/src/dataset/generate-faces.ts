import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EnvironmentError, forEachConcurrently, type ProgressListener } from '@janus/core';
import {
  checkOutput,
  finishImport,
  LABELLINGS,
  newRow,
  type ImportOptions,
  type ManifestRow,
  type StepResult,
} from '@janus/data';
import {
  checkFaceSize,
  faceBox,
  planFaces,
  renderPlannedFace,
  type PlannedFace,
  type PlantOptions,
} from '@janus/faces';

/** Options of {@link generateFaces}: what is drawn, and what is planted on purpose. */
export interface GenerateFacesOptions extends ImportOptions, PlantOptions {
  /** Side of an image in pixels, 32 to 512; default 128. */
  readonly size?: number;
  /** Default `jpeg`. */
  readonly format?: 'jpeg' | 'png';
  readonly report?: ProgressListener;
}

/**
 * Makes a data set of generated faces with fourteen independent attributes, and a box around each face, in
 * pixels, so that it can be cropped as a real list can. Beside the attributes, the manifest says what was planted (`planted`), what a copy copies (`copy_of`) and, where labels are
 * wrong on purpose, what is true (`<column>_truth`). With `twins`, the label `pair` is the same for a face and its twin.
 *
 * @param count how many faces, 1 to 1,000,000; a twin is not counted
 * @throws OptionsError when an option is out of range; EnvironmentError when the disk is full
 */
export async function generateFaces(
  count: number,
  options: GenerateFacesOptions,
): Promise<StepResult> {
  const { size = 128, seed = 1, format = 'jpeg', report } = options;
  checkFaceSize('generate faces', size);
  const plans = planFaces(count, options);
  await checkOutput(options);
  const out = resolve(options.out);
  const ending = format === 'png' ? 'png' : 'jpg';
  await mkdir(dirname(out), { recursive: true });
  // Images are made aside: a folder that was interrupted never looks like a data set.
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
        const bytes = await renderPlannedFace(plan, { size, format });
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
    options: { ...recordedOf(options), count, size, seed, format },
  });
}

/** What the story of the data set keeps of the options: what its images depend on. */
function recordedOf(options: GenerateFacesOptions): Record<string, unknown> {
  const { labelNoise, blankRate = 0, corruptRate = 0, duplicateRate = 0 } = options;
  const { imagesPerPerson = 1, twins } = options;
  return {
    ...{ labelNoise, blankRate, corruptRate, duplicateRate, imagesPerPerson },
    ...(twins === undefined ? {} : { twins }),
  };
}

function rowOf(
  plan: PlannedFace,
  file: { readonly path: string; readonly bytes: Uint8Array; readonly size: number },
): ManifestRow {
  const decodable = plan.planted !== 'corrupt' || plan.variant === 0;
  const [x1, y1, x2, y2] = faceBox(plan.framedBy).map((share) => Math.round(share * file.size));
  return newRow({
    id: plan.id,
    path: file.path,
    sha256: createHash('sha256').update(file.bytes).digest('hex'),
    width: decodable ? file.size : null,
    height: decodable ? file.size : null,
    ...{ x1: x1 ?? null, y1: y1 ?? null, x2: x2 ?? null, y2: y2 ?? null },
    identity: `person-${plan.face.key.person}`,
    labels: { ...plan.labels, planted: plan.planted, copy_of: plan.copyOf },
  });
}

function diskError(error: unknown, out: string): unknown {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return new EnvironmentError(
      `${out}: needs more space than the disk has left. Free some, or ask for fewer or smaller faces.`,
      { cause: error },
    );
  }
  return error;
}
