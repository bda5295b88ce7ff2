/** What a person decided about labels: the file that the page of `janus data review` saves. */
import { readFile } from 'node:fs/promises';
import { DataError } from '@janus/core';

const KINDS = ['keep', 'relabel', 'remove'] as const;

/** What is done about a label: it is right, it becomes another, or the image is removed. */
export type DecisionKind = (typeof KINDS)[number];

/** What a person decided about one label. */
export interface LabelDecision {
  /** Manifest id. */
  readonly id: string;
  /** The label that was judged, as text; a label that is another by now is left alone. */
  readonly given: string;
  readonly decision: DecisionKind;
  /** The new label; with `relabel` alone. */
  readonly label?: string;
}

/** The content of a decisions file. */
export interface LabelDecisions {
  /** Label column. */
  readonly target: string;
  readonly decisions: readonly LabelDecision[];
}

/**
 * Reads a decisions file.
 *
 * @throws DataError when it cannot be read, is of another kind, or a decision lacks a part or is the second about an id
 */
export async function readLabelDecisions(path: string): Promise<LabelDecisions> {
  const wayOut = 'Save it again on the page of `janus data review`.';
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new DataError(`${path}: must be a readable JSON file, but is not. ${wayOut}`, {
      ...{ path, cause: error },
    });
  }
  const fail = (rule: string): DataError => new DataError(`${path}: ${rule}. ${wayOut}`, { path });
  const { kind, target, decisions } = isRecord(value) ? value : {};
  if (kind !== 'label-decisions' || typeof target !== 'string' || !Array.isArray(decisions)) {
    throw fail('must hold kind label-decisions, a target and decisions, but does not');
  }
  const seen = new Set<string>();
  return {
    target,
    decisions: decisions.map((each: unknown, i): LabelDecision => {
      const found = decisionOf(each);
      if (found === undefined) {
        throw fail(
          `decision ${i + 1} must have id, given, and decision ${KINDS.join(', ')} (relabel: a label too), but is ${JSON.stringify(each)}`,
        );
      }
      if (seen.has(found.id)) throw fail(`${found.id} must be decided once, but is twice`);
      seen.add(found.id);
      return found;
    }),
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function decisionOf(value: unknown): LabelDecision | undefined {
  if (!isRecord(value)) return undefined;
  const { id, given, decision: name, label } = value;
  const decision = KINDS.find((kind) => kind === name);
  if (typeof id !== 'string' || typeof given !== 'string' || decision === undefined) {
    return undefined;
  }
  if (decision !== 'relabel') return { id, given, decision };
  return typeof label === 'string' && label !== '' ? { id, given, decision, label } : undefined;
}
