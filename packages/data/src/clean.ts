import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OptionsError, type ProgressListener } from '@janus/core';
import sharp from 'sharp';
import { forEachConcurrently } from './images.js';
import {
  countReasons,
  imagePathOf,
  labelColumnsOf,
  readManifest,
  recordStep,
  writeManifest,
  type ManifestRow,
  type StepResult,
} from './manifest.js';

/** Rules of {@link cleanDataset}. */
export interface CleanOptions {
  /** Shorter side in pixels; default 32, what VGG-16 needs. */
  readonly minSize?: number;
  /**
   * Standard deviation of the grey values, 0 to 255, at or under which a picture is blank; default 2:
   * a uniform picture with JPEG's noise stays under 1, the flattest real portrait is above 20.
   */
  readonly blankDeviation?: number;
  /** Label columns in which `unknownValues` (or nothing) remove the row; default none. */
  readonly labels?: readonly string[];
  /** Default `unknown` and the empty text, whatever their case. */
  readonly unknownValues?: readonly string[];
  /** Whether the second and later of byte-identical pictures are removed; default true. */
  readonly duplicates?: boolean;
  readonly report?: ProgressListener;
}

/** What the file of a picture says. */
interface Inspection {
  readonly sha256: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly reason: string | null;
}

/**
 * Looks at every picture and marks what is not fit for use, each row with its reason; running it
 * again judges all rows anew.
 *
 * @throws OptionsError when a label column does not exist
 */
export async function cleanDataset(
  folder: string,
  options: CleanOptions = {},
): Promise<StepResult> {
  const { minSize = 32, blankDeviation = 2, labels = [], duplicates = true, report } = options;
  const unknown = (options.unknownValues ?? ['unknown', '']).map((value) => value.toLowerCase());
  const rows = await readManifest(folder);
  const columns = labelColumnsOf(rows);
  const absent = labels.find((label) => !columns.includes(label));
  if (absent !== undefined) {
    throw new OptionsError(
      `clean: labels must be columns of the data (${columns.join(', ')}), but got ${absent}. Choose one of them.`,
    );
  }
  const inspections: Inspection[] = [];
  let done = 0;
  await forEachConcurrently(rows, async (row, i) => {
    inspections[i] = await inspect(imagePathOf(folder, row.path), { minSize, blankDeviation });
    done += 1;
    report?.({ done, total: rows.length, unit: 'images', label: 'cleaning' });
  });
  const seen = new Set<string>();
  const cleaned = rows.map((row, i): ManifestRow => {
    const found = inspections[i];
    let reason = found?.reason ?? null;
    if (reason === null) {
      const label = labels.find((name) =>
        unknown.includes(String(row.labels[name] ?? '').toLowerCase()),
      );
      if (label !== undefined) reason = `unknown ${label}`;
    }
    const sha256 = found?.sha256 ?? null;
    if (reason === null && duplicates && sha256 !== null) {
      if (seen.has(sha256)) reason = 'duplicate';
      seen.add(sha256);
    }
    return {
      ...row,
      sha256,
      width: found?.width ?? null,
      height: found?.height ?? null,
      status: reason === null ? 'kept' : 'removed',
      reason,
      removedBy: reason === null ? null : 'clean',
      split: reason === null ? row.split : null,
    };
  });
  await writeManifest(folder, cleaned);
  const reasons = cleaned.flatMap((row) => (row.reason === null ? [] : [row.reason]));
  const result = {
    rows: cleaned.length - reasons.length,
    rejected: reasons.length,
    reasons: countReasons(reasons),
  };
  await recordStep(folder, 'clean', {
    result,
    options: { minSize, blankDeviation, labels, unknownValues: unknown, duplicates },
  });
  return result;
}

async function inspect(
  path: string,
  rules: { readonly minSize: number; readonly blankDeviation: number },
): Promise<Inspection> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch {
    return { sha256: null, width: null, height: null, reason: 'missing file' };
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  try {
    const picture = sharp(bytes, { failOn: 'truncated' });
    const { width, height } = await picture.metadata();
    // Decodes every pixel: a truncated file fails here and nowhere before.
    const { data, info } = await picture
      .resize(64, 64, { fit: 'fill' })
      .greyscale()
      .raw()
      .toBuffer({ resolveWithObject: true });
    let reason: string | null = null;
    if (Math.min(width, height) < rules.minSize) reason = 'too small';
    else if (deviationOf(data, info.channels) <= rules.blankDeviation) reason = 'blank';
    return { sha256, width, height, reason };
  } catch {
    return { sha256, width: null, height: null, reason: 'cannot be decoded' };
  }
}

function deviationOf(pixels: Uint8Array, channels: number): number {
  let sum = 0;
  let squares = 0;
  const n = pixels.length / channels;
  for (let i = 0; i < pixels.length; i += channels) {
    const value = pixels[i] ?? 0;
    sum += value;
    squares += value * value;
  }
  return Math.sqrt(Math.max(0, squares / n - (sum / n) ** 2));
}
