/** Labels that a person has judged: `reviewed.parquet`, which keeps what a label was before. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { OptionsError } from '@janus/core';
import type { Cell } from '../manifest/cell.js';
import { manifestChunks, updateManifest } from '../manifest/manifest-stream.js';
import type { ManifestChange } from '../manifest/manifest-row.js';
import { readTable, writeTable, type Schema } from '../manifest/tables.js';
import type { DecisionKind, LabelDecision, LabelDecisions } from './label-decisions.js';

/** The table's name; an import, which makes other rows, removes it. */
export const REVIEWED_FILE = 'reviewed.parquet';

/** A label that a person has judged. */
export interface ReviewedLabel {
  readonly id: string;
  /** Label column. */
  readonly column: string;
  readonly decision: DecisionKind;
  /** What the label was before the first decision, as text. */
  readonly before: string;
  /** What it is since the last one. */
  readonly after: string;
}

const SCHEMA: Schema = {
  id: 'VARCHAR',
  column: 'VARCHAR',
  decision: 'VARCHAR',
  before: 'VARCHAR',
  after: 'VARCHAR',
};

/** What {@link applyDecisions} did. */
export interface AppliedDecisions {
  readonly kept: number;
  readonly relabelled: number;
  readonly removed: number;
  /** Decisions about images that the data does not have, or whose label is another by now; nothing was done. */
  readonly stale: number;
}

/** Returns the labels that were judged; none where no decisions were applied. */
export async function readReviewedLabels(folder: string): Promise<readonly ReviewedLabel[]> {
  const path = join(folder, REVIEWED_FILE);
  if (!existsSync(path)) return [];
  return (await readTable(path)).map(({ id, column, decision, before, after }) => ({
    ...{ id: String(id), column: String(column), decision: decision as DecisionKind },
    ...{ before: String(before), after: String(after) },
  }));
}

/** Returns the images that a person rejected. */
export async function rejectedImages(folder: string): Promise<ReadonlySet<string>> {
  const labels = await readReviewedLabels(folder);
  return new Set(labels.flatMap(({ id, decision }) => (decision === 'remove' ? [id] : [])));
}

/**
 * Records decisions in `reviewed.parquet` and changes the labels of the manifest. A later decision about a label replaces
 * the earlier one; to apply the same decisions again changes nothing. Images are removed by the next clean.
 *
 * @throws OptionsError when the data has no such label column; DataError when the folder holds no manifest
 */
export async function applyDecisions(
  folder: string,
  { target, decisions }: LabelDecisions,
): Promise<AppliedDecisions> {
  const cells = await cellsOf(folder, target, new Set(decisions.map(({ id }) => id)));
  const reviewed = new Map(
    (await readReviewedLabels(folder)).map((each) => [keyOf(each.column, each.id), each]),
  );
  const counts = { keep: 0, relabel: 0, remove: 0, stale: 0 };
  const changes: ManifestChange[] = [];
  for (const decision of decisions) {
    const { id } = decision;
    const cell = cells.get(id) ?? null;
    const earlier = reviewed.get(keyOf(target, id));
    const after = afterOf(decision, { cell, earlier });
    if (after === undefined) {
      counts.stale += 1;
      continue;
    }
    counts[decision.decision] += 1;
    const before = earlier?.before ?? decision.given;
    const row = { id, column: target, decision: decision.decision, before, after };
    reviewed.set(keyOf(target, id), row);
    if (after !== String(cell)) changes.push({ id, labels: { [target]: typed(after, cell) } });
  }
  // First what labels were: a clean that is interrupted here can be repeated.
  await writeTable(
    join(folder, REVIEWED_FILE),
    SCHEMA,
    [...reviewed.values()].map((each) => ({ ...each })),
  );
  if (changes.length > 0) await updateManifest(folder, changes);
  const { keep: kept, relabel: relabelled, remove: removed, stale } = counts;
  return { kept, relabelled, removed, stale };
}

const keyOf = (column: string, id: string): string => JSON.stringify([column, id]);

/** Returns the label after a decision; undefined where it is about a label that is not there. */
function afterOf(
  { given, decision, label }: LabelDecision,
  { cell, earlier }: { readonly cell: Cell; readonly earlier: ReviewedLabel | undefined },
): string | undefined {
  if (cell === null) return undefined;
  const isKnown = given === String(cell) || given === earlier?.before;
  if (!isKnown) return undefined;
  return decision === 'relabel' ? label : given;
}

/** Returns a label as a number where the one before it is one. */
const typed = (text: string, before: Cell): Cell =>
  typeof before === 'number' && Number.isFinite(Number(text)) ? Number(text) : text;

async function cellsOf(
  folder: string,
  target: string,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Cell>> {
  const cells = new Map<string, Cell>();
  for await (const rows of manifestChunks(folder, { columns: ['id', target] })) {
    for (const { id, labels } of rows) {
      if (!(target in labels)) {
        throw new OptionsError(
          `clean: decisions must be about a label column of the data, but ${folder} has no ${target}. Name the data folder that was reviewed.`,
        );
      }
      if (ids.has(id)) cells.set(id, labels[target] ?? null);
    }
  }
  return cells;
}
