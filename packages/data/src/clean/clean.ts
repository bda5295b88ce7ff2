import { createHash } from 'node:crypto';
import { createFindings, type Findings } from './clean-findings.js';
import {
  resolveCleanOptions,
  type CleanOptions,
  type ResolvedCleanOptions,
} from './clean-options.js';
import { brokenRule, IMAGE_RULES } from './clean-rules.js';
import type { Inspection } from './inspect-image.js';
import { openInspections } from './inspect-images.js';
import { leastAge, leastAgeAt, isDate } from './known-age.js';
import { imagePathOf, labelColumnsOf } from '../manifest/manifest.js';
import { recordStep } from '../record/record-step.js';
import type { StepResult } from '../manifest/dataset-record.js';
import { judgedBy, type ManifestChange, type ManifestRow } from '../manifest/manifest-row.js';
import { manifestChunks, updateManifest } from '../manifest/manifest-stream.js';
import { hashText } from '../duplicates/perceptual-hash.js';
import { judgeSame, SAME_REASONS } from '../duplicates/same-images.js';

/** What one rule removed of the rows that the rules before it had left. */
interface CleanLine {
  readonly reason: string;
  readonly removed: number;
  /** Rows that are left after it. */
  readonly left: number;
}

/** What {@link cleanDataset} did. */
export interface CleanResult extends StepResult {
  /** All rows of the manifest. */
  readonly total: number;
  /** Rows that earlier steps had removed, which are not judged. */
  readonly removedBefore: number;
  /** Every rule that removed rows, in the order in which they apply. */
  readonly history: readonly CleanLine[];
  /** Groups of copies whose labels differ, and the images in them; null where `labels` is empty. */
  readonly conflicts: { readonly groups: number; readonly images: number } | null;
}

/**
 * Reads every image and removes the unusable ones, recording the reason, and writes size, sha256 and perceptual hash
 * of each to the manifest. A later run judges all rows again, except those that earlier steps removed. Memory is
 * about 60 bytes per image.
 *
 * @throws OptionsError when an option is out of range, or a column does not exist; DataError when the folder holds
 * no manifest; EnvironmentError when the disk is full
 */
export async function cleanDataset(
  folder: string,
  options: CleanOptions = {},
): Promise<CleanResult> {
  const { total, judged, columns } = await survey(folder);
  const rules = resolveCleanOptions(options, columns);
  const findings = createFindings(judged);
  const inspections = openInspections(judged);
  try {
    let done = 0;
    const progress = (more: number): void => {
      done += more;
      options.report?.({ done, total: judged, unit: 'images', label: 'cleaning' });
    };
    for await (const rows of judgedRows(folder, neededColumns(rules))) {
      const paths = rows.map((row) => imagePathOf(folder, row.path));
      const found = await inspections.look(paths, progress);
      rows.forEach((row, i) => {
        const each = found[i] ?? { kind: 'missing file' };
        findings.add(each, reasonOf(each, row, rules), labelsKey(row, rules.labels));
      });
    }
  } finally {
    await inspections.close();
  }
  const conflicts = markSame(findings, rules);
  await updateManifest(folder, changesOf(folder, findings));
  const result = resultOf(findings, rules, { total, conflicts });
  const { rows, rejected, reasons } = result;
  await recordStep(folder, 'clean', { result: { rows, rejected, reasons }, options: rules });
  return result;
}

async function survey(
  folder: string,
): Promise<{ total: number; judged: number; columns: readonly string[] }> {
  let total = 0;
  let judged = 0;
  for await (const rows of manifestChunks(folder, { columns: ['status', 'removedBy'] })) {
    total += rows.length;
    for (const row of rows) if (judgedBy(row, 'clean')) judged += 1;
  }
  for await (const rows of manifestChunks(folder)) {
    return { total, judged, columns: labelColumnsOf(rows.slice(0, 1)) };
  }
  return { total, judged, columns: [] };
}

function neededColumns({ labels, age }: ResolvedCleanOptions): readonly string[] {
  const named = [age?.ageColumn, age?.birthColumn, age?.ageAt];
  const columns = named.filter((name) => name !== null && name !== undefined);
  return ['id', 'path', 'status', 'removedBy', ...new Set([...labels, ...columns])];
}

async function* judgedRows(
  folder: string,
  columns: readonly string[],
): AsyncGenerator<readonly ManifestRow[]> {
  for await (const rows of manifestChunks(folder, { columns })) {
    yield rows.filter((row) => judgedBy(row, 'clean'));
  }
}

/** Returns the first reason that removes a row on its own account, or null; copies are judged later. */
function reasonOf(found: Inspection, row: ManifestRow, rules: ResolvedCleanOptions): string | null {
  if (found.kind !== 'image') return found.kind;
  const { width, height, measures } = found;
  const shorterSide = Math.min(width, height);
  const squareness = shorterSide / Math.max(width, height);
  const broken = brokenRule({ ...measures, shorterSide, squareness }, rules.rules);
  if (broken !== null) return broken;
  const unknown = rules.labels.find((name) =>
    rules.unknownValues.includes(String(row.labels[name] ?? '').toLowerCase()),
  );
  if (unknown !== undefined) return `unknown ${unknown}`;
  if (rules.age === null) return null;
  const { minAge, ageColumn, birthColumn, ageAt } = rules.age;
  const at = ageAt !== null && !isDate(ageAt) ? (row.labels[ageAt] ?? null) : ageAt;
  const age =
    birthColumn === null
      ? leastAge(row.labels[ageColumn ?? ''] ?? null)
      : leastAgeAt(row.labels[birthColumn] ?? null, at);
  if (age === null) return UNKNOWN_AGE;
  return age < minAge ? youngerThan(minAge) : null;
}

const UNKNOWN_AGE = 'unknown age';
const youngerThan = (minAge: number): string => `younger than ${minAge}`;

/** Returns a number that stands for the labels of a row: the same labels give the same number. */
function labelsKey({ labels }: ManifestRow, names: readonly string[]): bigint {
  if (names.length === 0) return 0n;
  const text = JSON.stringify(names.map((name) => labels[name] ?? null));
  return createHash('sha256').update(text).digest().readBigUInt64LE();
}

/** Judges the copies among the images that are left. */
function markSame(findings: Findings, rules: ResolvedCleanOptions): CleanResult['conflicts'] {
  const places: number[] = [];
  for (let i = 0; i < findings.size(); i++) if (findings.reasonOf(i) === null) places.push(i);
  const digests = new Uint32Array(4 * places.length);
  const hashes = new BigUint64Array(places.length);
  const areas = new Float64Array(places.length);
  const labels = rules.labels.length === 0 ? null : new BigUint64Array(places.length);
  places.forEach((place, k) => {
    findings.copyDigest(place, digests.subarray(4 * k, 4 * k + 4));
    hashes[k] = findings.phashOf(place);
    const { width, height } = findings.sizeOf(place);
    areas[k] = width * height;
    if (labels !== null) labels[k] = findings.labelsOf(place);
  });
  const { reasons, conflicts } = judgeSame({ digests, hashes, areas, labels }, rules);
  places.forEach((place, k) => {
    const reason = reasons[k] ?? 'kept';
    if (reason !== 'kept') findings.setReason(place, reason);
  });
  return conflicts;
}

async function* changesOf(folder: string, findings: Findings): AsyncGenerator<ManifestChange> {
  let i = 0;
  const columns = ['id', 'status', 'removedBy', 'split'];
  for await (const rows of judgedRows(folder, columns)) {
    for (const row of rows) yield changeOf(row, findings, i++);
  }
}

function changeOf({ id, split }: ManifestRow, findings: Findings, i: number): ManifestChange {
  const reason = findings.reasonOf(i);
  const state = findings.stateOf(i);
  const size = findings.sizeOf(i);
  const whole = state === 'image';
  return {
    id,
    status: reason === null ? 'kept' : 'removed',
    reason,
    removedBy: reason === null ? null : 'clean',
    split: reason === null ? split : null,
    phash: whole ? hashText(findings.phashOf(i)) : null,
    // Of a missing file, only what the source states is known.
    ...(state === 'missing file'
      ? {}
      : {
          sha256: findings.sha256Of(i),
          width: whole ? size.width : null,
          height: whole ? size.height : null,
        }),
  };
}

function resultOf(
  findings: Findings,
  rules: ResolvedCleanOptions,
  { total, conflicts }: Pick<CleanResult, 'total' | 'conflicts'>,
): CleanResult {
  const counts = new Map<string, number>();
  for (let i = 0; i < findings.size(); i++) {
    const reason = findings.reasonOf(i);
    if (reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  let left = findings.size();
  const history: CleanLine[] = [];
  for (const reason of orderOf(rules)) {
    const removed = counts.get(reason);
    if (removed === undefined) continue;
    left -= removed;
    history.push({ reason, removed, left });
  }
  return {
    rows: left,
    rejected: findings.size() - left,
    reasons: Object.fromEntries(history.map(({ reason, removed }) => [reason, removed])),
    total,
    removedBefore: total - findings.size(),
    history,
    conflicts,
  };
}

/** Returns all reasons in the order in which the rules apply. */
function orderOf({ labels, age }: ResolvedCleanOptions): readonly string[] {
  return [
    'missing file',
    'cannot be decoded',
    ...IMAGE_RULES.map(({ reason }) => reason),
    ...new Set(labels.map((label) => `unknown ${label}`)),
    ...(age === null ? [] : [UNKNOWN_AGE, youngerThan(age.minAge)]),
    ...SAME_REASONS,
  ];
}
