/** The rows of a split as columns: one element for each row, ordered by group name, then id. */

import { hashOfText } from '@janus/core';
import { nearDuplicateClusters } from '../duplicates/near-duplicates.js';

/** Rows that are to be split. */
export interface SplitRows {
  readonly count: number;
  /** Row number in the manifest, from 0. */
  readonly place: Int32Array;
  /** The first row of the same group name. */
  readonly name: Int32Array;
  /** Hash of the seed and the group name: the order in which groups are dealt. */
  readonly key: Uint32Array;
  /** The same for the order in which groups are kept when classes are balanced. */
  readonly balanceKey: Uint32Array;
  /** Index of the stratum among all, in the order of their texts. */
  readonly stratum: Int32Array;
  /** Index of the class that is balanced; -1 where there is none. */
  readonly balanced: Int32Array;
  /** The split so far, an index in `SPLIT_NAMES`; -1 where it has none. */
  readonly part: Int8Array;
  /** The first row of the same bytes; -1 where they are not known. */
  readonly exact: Int32Array;
  /** The first row of the same identity; -1 where it is not known. */
  readonly identity: Int32Array;
  /** The first row of the same value, for each further column; -1 where there is none. */
  readonly others: readonly Int32Array[];
  /** The first row of the near-duplicate cluster; -1 where there is no hash. */
  readonly near: Int32Array;
  /** Perceptual hashes; 0 where there is none. */
  readonly hash: BigUint64Array;
  /** 1 where the row has a perceptual hash. */
  readonly hashed: Uint8Array;
}

/** A row as it comes from a table. */
interface SplitRow {
  readonly place: number;
  readonly name: string;
  /** Whether the name is a value of the column that names groups; else it is made from the image. */
  readonly isNamed: boolean;
  /** Index of the stratum among all, in the order of their texts. */
  readonly stratum: number;
  /** Index of the class that is balanced; -1 where there is none. */
  readonly balanced: number;
  readonly part: number;
  readonly hash: bigint | null;
  /** A number that stands for the bytes; null where they are not known. */
  readonly exact: bigint | null;
  /** Numbers that stand for the values of the further columns; null where there is none. */
  readonly others: readonly (bigint | null)[];
}

/** Collects rows, which must come in the order of group name and id. */
interface RowCollector {
  readonly add: (row: SplitRow) => void;
  /** Returns the collected rows; may be called once. */
  readonly finish: () => SplitRows;
}

/** Options of {@link collectRows}. */
interface CollectOptions {
  /** How many rows will come. */
  readonly count: number;
  readonly seed: number;
  /** Whether group names are identities; else the first of the further columns holds identities. */
  readonly namesAreIdentities: boolean;
  /** Number of columns beside the one that names groups. */
  readonly others: number;
  /** Most bits in which near duplicates differ; 0 looks for none. */
  readonly nearDuplicates: number;
}

/** Returns a collector of rows. */
export function collectRows(options: CollectOptions): RowCollector {
  const { count, seed, namesAreIdentities, others, nearDuplicates } = options;
  const ints = (): Int32Array => new Int32Array(count);
  const values = (): Values => ({ value: new BigUint64Array(count), known: new Uint8Array(count) });
  const rows = {
    place: ints(),
    name: ints(),
    key: new Uint32Array(count),
    balanceKey: new Uint32Array(count),
    stratum: ints(),
    balanced: ints(),
    part: new Int8Array(count),
  };
  const isNamed = new Uint8Array(count);
  const [hash, exact] = [values(), values()];
  const further = Array.from({ length: others }, values);
  let at = 0;
  let nameBefore = '';
  return {
    add: (row) => {
      if (at === 0 || row.name !== nameBefore) {
        nameBefore = row.name;
        rows.name[at] = at;
        rows.key[at] = hashOfText(`${seed}/split/${row.name}`);
        rows.balanceKey[at] = hashOfText(`${seed}/balance/${row.name}`);
      } else {
        rows.name[at] = rows.name[at - 1] ?? 0;
        rows.key[at] = rows.key[at - 1] ?? 0;
        rows.balanceKey[at] = rows.balanceKey[at - 1] ?? 0;
      }
      rows.place[at] = row.place;
      rows.stratum[at] = row.stratum;
      rows.balanced[at] = row.balanced;
      rows.part[at] = row.part;
      isNamed[at] = row.isNamed ? 1 : 0;
      put(hash, at, row.hash);
      put(exact, at, row.exact);
      for (let i = 0; i < others; i++) put(further[i], at, row.others[i] ?? null);
      at += 1;
    },
    finish: () => {
      const clusters = further.map((each) => clustersOf(each, 0));
      const identity = namesAreIdentities
        ? rows.name.map((first, row) => (isNamed[row] === 1 ? first : -1))
        : (clusters[0] ?? ints().fill(-1));
      return {
        ...rows,
        count: at,
        hash: hash.value,
        hashed: hash.known,
        exact: clustersOf(exact, 0),
        identity,
        others: namesAreIdentities ? clusters : clusters.slice(1),
        near: nearDuplicates > 0 ? clustersOf(hash, nearDuplicates) : ints().fill(-1),
      };
    },
  };
}

/** Values of a column that not every row has. */
interface Values {
  readonly value: BigUint64Array;
  readonly known: Uint8Array;
}

function put(values: Values | undefined, at: number, value: bigint | null): void {
  if (values === undefined || value === null) return;
  values.value[at] = value;
  values.known[at] = 1;
}

/** Returns the cluster of each known value; -1 for the others. */
function clustersOf({ value, known }: Values, maxDistance: number): Int32Array {
  const result = new Int32Array(value.length).fill(-1);
  const places = new Int32Array(value.length);
  let count = 0;
  for (let i = 0; i < value.length; i++) {
    if (known[i] === 1) places[count++] = i;
  }
  const chosen = new BigUint64Array(count);
  for (let i = 0; i < count; i++) chosen[i] = value[places[i] ?? 0] ?? 0n;
  const clusters = nearDuplicateClusters(chosen, maxDistance);
  for (let i = 0; i < count; i++) result[places[i] ?? 0] = places[clusters[i] ?? 0] ?? -1;
  return result;
}
