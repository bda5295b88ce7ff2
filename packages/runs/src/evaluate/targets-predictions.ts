import { writeTable, type Schema, type TableRow } from '@janus/data';
import {
  argMax,
  expectedNumber,
  temperedProbabilities,
  type TargetDescription,
} from '@janus/models';
import type { TaskItem } from '../classifier/tasks.js';

/** What {@link writeTargetPredictions} writes. */
export interface TargetPredictionsTable {
  readonly items: readonly TaskItem[];
  /** By target, a list of numbers an image. */
  readonly logits: readonly (readonly (readonly number[])[])[];
  readonly targets: readonly TargetDescription[];
  readonly split: string;
}

/**
 * Writes what a run of several targets says: a row an image, with `id`, `split`, `person`, and of each target `<target>_label`,
 * `<target>_predicted` and `<target>_p_<class>`, of a number also `<target>_value` and `<target>_expected`. A run that
 * tells one number has these names without the target.
 */
export async function writeTargetPredictions(
  path: string,
  table: TargetPredictionsTable,
): Promise<void> {
  const { items, logits, targets, split } = table;
  const prefixes = targets.map(({ target }) => (targets.length === 1 ? '' : `${target}_`));
  const schema = targets.map((target, h) => schemaOf(target, prefixes[h] ?? ''));
  await writeTable(
    path,
    Object.assign({ id: 'VARCHAR', split: 'VARCHAR', person: 'VARCHAR' }, ...schema) as Schema,
    items.map((item, i): TableRow => {
      const cells = targets.map((target, h) =>
        cellsOf(target, {
          prefix: prefixes[h] ?? '',
          logits: logits[h]?.[i] ?? [],
          label: item.labels[h] ?? -1,
          value: item.values[h] ?? null,
        }),
      );
      return Object.assign({ id: item.id, split, person: item.cluster }, ...cells) as TableRow;
    }),
  );
}

function schemaOf({ classes, scale }: TargetDescription, prefix: string): Schema {
  return {
    [`${prefix}label`]: 'VARCHAR',
    [`${prefix}predicted`]: 'VARCHAR',
    ...(scale === undefined
      ? {}
      : { [`${prefix}value`]: 'DOUBLE' as const, [`${prefix}expected`]: 'DOUBLE' as const }),
    ...Object.fromEntries(classes.map((name) => [`${prefix}p_${name}`, 'DOUBLE' as const])),
  };
}

function cellsOf(
  { classes, scale, temperature }: TargetDescription,
  told: {
    readonly prefix: string;
    readonly logits: readonly number[];
    readonly label: number;
    readonly value: number | null;
  },
): TableRow {
  const { prefix, logits, label, value } = told;
  const [shares = []] = temperedProbabilities([logits], temperature);
  return {
    [`${prefix}label`]: classes[label] ?? null,
    [`${prefix}predicted`]: classes[argMax(logits)] ?? null,
    ...(scale === undefined
      ? {}
      : { [`${prefix}value`]: value, [`${prefix}expected`]: expectedNumber(shares, scale) }),
    ...Object.fromEntries(classes.map((name, c) => [`${prefix}p_${name}`, shares[c] ?? null])),
  };
}
