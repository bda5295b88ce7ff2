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
import type { Cell } from '../manifest/cell.js';
import { imagePathOf, labelColumnsOf } from '../manifest/manifest.js';
import { recordStep } from '../record/record-step.js';
import { readDatasetRecord, type StepResult } from '../manifest/dataset-record.js';
import { foldsOf } from '../split/split-options.js';
import { FOLD_COLUMN } from '../split/split-write.js';
import { judgedBy, type ManifestChange, type ManifestRow } from '../manifest/manifest-row.js';
import { manifestChunks, updateManifest } from '../manifest/manifest-stream.js';
import { hashText } from '../duplicates/perceptual-hash.js';
import { judgeSame, SAME_REASONS } from '../duplicates/same-images.js';
import {
  applyDecisions,
  rejectedImages,
  type AppliedDecisions,
} from '../review/reviewed-labels.js';

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
  /** Copies of one image whose labels differ; null where no label was compared. */
  readonly conflicts: LabelConflicts | null;
  /** What was done with the decisions that were given; null where none were. */
  readonly review: AppliedDecisions | null;
}

/** Copies of one image whose labels differ. */
interface LabelConflicts {
  readonly groups: number;
  /** In all groups. */
  readonly images: number;
  /** The columns that were compared. */
  readonly columns: readonly string[];
  /** Images of the first groups, at most four of each of five, with the values of the columns. */
  readonly shown: readonly (readonly { readonly id: string; readonly labels: readonly Cell[] }[])[];
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
  const { decisions } = options;
  const resolved = resolveCleanOptions(options, columns);
  // Before labels are read: unknown and conflicting ones are those that a person left.
  const review = decisions === undefined ? null : await applyDecisions(folder, decisions);
  const rules = { ...resolved, rejected: await rejectedImages(folder) };
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
        findings.add(each, reasonOf(each, row, rules), labelsKey(row, rules.agreeing));
      });
    }
  } finally {
    await inspections.close();
  }
  const same = markSame(findings, rules);
  const conflicts = same && (await labelConflicts(folder, same, rules.agreeing));
  await updateManifest(folder, changesOf(folder, findings));
  const result = resultOf(findings, rules, { total, conflicts, review });
  const { rows, rejected, reasons } = result;
  await recordStep(folder, 'clean', { result: { rows, rejected, reasons }, options: resolved });
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
    const names = labelColumnsOf(rows.slice(0, 1));
    // The folds that an earlier split wrote are not a label.
    const hasFolds = foldsOf(await readDatasetRecord(folder)) > 0;
    const columns = hasFolds ? names.filter((name) => name !== FOLD_COLUMN) : names;
    return { total, judged, columns };
  }
  return { total, judged, columns: [] };
}

function neededColumns({ labels, agreeing, age }: ResolvedCleanOptions): readonly string[] {
  const named = [age?.ageColumn, age?.birthColumn, age?.ageAt];
  const columns = named.filter((name) => name !== null && name !== undefined);
  return ['id', 'path', 'status', 'removedBy', ...new Set([...labels, ...agreeing, ...columns])];
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
function reasonOf(found: Inspection, row: ManifestRow, rules: CleanRules): string | null {
  if (found.kind !== 'image') return found.kind;
  if (rules.rejected.has(row.id)) return REJECTED;
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

/** The rules of a clean, with the images that a person rejected. */
interface CleanRules extends ResolvedCleanOptions {
  readonly rejected: ReadonlySet<string>;
}

const REJECTED = 'rejected in review';
const UNKNOWN_AGE = 'unknown age';
const youngerThan = (minAge: number): string => `younger than ${minAge}`;

/** Returns a number that stands for the labels of a row: the same labels give the same number, none 0. */
function labelsKey({ labels }: ManifestRow, names: readonly string[]): bigint {
  if (names.every((name) => (labels[name] ?? null) === null)) return 0n;
  const text = JSON.stringify(names.map((name) => labels[name] ?? null));
  return createHash('sha256').update(text).digest().readBigUInt64LE();
}

/** Judges the copies among the images that are left. */
function markSame(
  findings: Findings,
  rules: ResolvedCleanOptions,
): ReturnType<typeof judgeSame>['conflicts'] {
  const places: number[] = [];
  for (let i = 0; i < findings.size(); i++) if (findings.reasonOf(i) === null) places.push(i);
  const digests = new Uint32Array(4 * places.length);
  const hashes = new BigUint64Array(places.length);
  const areas = new Float64Array(places.length);
  const labels = rules.agreeing.length === 0 ? null : new BigUint64Array(places.length);
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
  if (conflicts === null) return null;
  return {
    ...conflicts,
    shown: conflicts.shown.map((group) => group.map((k) => places[k] ?? 0)),
  };
}

/** Returns conflicts with the ids and labels of the images that are shown, which come by their places. */
async function labelConflicts(
  folder: string,
  same: NonNullable<ReturnType<typeof markSame>>,
  columns: readonly string[],
): Promise<LabelConflicts> {
  const wanted = new Set(same.shown.flat());
  const found = new Map<number, { readonly id: string; readonly labels: readonly Cell[] }>();
  let i = 0;
  if (wanted.size > 0) {
    for await (const rows of judgedRows(folder, ['id', 'status', 'removedBy', ...columns])) {
      for (const { id, labels } of rows) {
        if (wanted.has(i))
          found.set(i, { id, labels: columns.map((name) => labels[name] ?? null) });
        i += 1;
      }
    }
  }
  const shown = same.shown.map((group) => group.flatMap((place) => found.get(place) ?? []));
  return { groups: same.groups, images: same.images, columns, shown };
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
  { total, ...rest }: Pick<CleanResult, 'total' | 'conflicts' | 'review'>,
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
    ...rest,
  };
}

/** Returns all reasons in the order in which the rules apply. */
function orderOf({ labels, age }: ResolvedCleanOptions): readonly string[] {
  return [
    'missing file',
    'cannot be decoded',
    REJECTED,
    ...IMAGE_RULES.map(({ reason }) => reason),
    ...new Set(labels.map((label) => `unknown ${label}`)),
    ...(age === null ? [] : [UNKNOWN_AGE, youngerThan(age.minAge)]),
    ...SAME_REASONS,
  ];
}
