/**
 * Prints the means of sweeps of the same rows as a Markdown table: of several seeds, on several data sets. An argument is
 * a data set: its name, and the folders of its sweeps.
 *
 *     node --import tsx --conditions=@janus/source benchmarks/sweep-means.ts \
 *       congress=runs/defaults-congress-1,runs/defaults-congress-2 fairface=runs/defaults-fairface-1,runs/defaults-fairface-2
 *
 * A cell: mean validation loss in nats; mean test accuracy, and the lowest and the highest of the seeds.
 */
import { DataError, OptionsError, readSweep, type SweepRecord } from '@janus/core';

type Row = SweepRecord['rows'][number];

/** A data set's sweeps. */
interface Column {
  readonly name: string;
  readonly sweeps: readonly SweepRecord[];
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

async function columnOf(argument: string): Promise<Column> {
  const [name = '', folders = ''] = argument.split('=');
  if (folders === '') {
    throw new OptionsError(
      `sweep-means: a data set is name=folder,folder, but got ${argument}. Name its sweeps.`,
    );
  }
  const sweeps = await Promise.all(
    folders.split(',').map(async (folder) => {
      const sweep = await readSweep(folder);
      if (sweep !== undefined) return sweep;
      throw new DataError(`${folder}: must hold a sweep, but has no sweep.json. Run it first.`, {
        path: folder,
      });
    }),
  );
  return { name, sweeps };
}

/** Returns a row of a data set, averaged over its sweeps; a dash where not all have finished it. */
function cellOf({ sweeps }: Column, number: number): string {
  const rows = sweeps.flatMap(({ rows: all }): readonly Row[] =>
    all.filter(({ row }) => row === number),
  );
  if (rows.length < sweeps.length) return '-';
  const losses = rows.flatMap(({ validationLoss }) => validationLoss ?? []);
  const shares = rows.map(({ ours }) => 100 * ours.value);
  const loss = losses.length < rows.length ? '' : `${meanOf(losses).toFixed(3)}; `;
  return `${loss}${meanOf(shares).toFixed(1)} % (${Math.min(...shares).toFixed(1)} to ${Math.max(...shares).toFixed(1)})`;
}

const columns = await Promise.all(process.argv.slice(2).map(columnOf));
const names = new Map(
  columns.flatMap(({ sweeps }) =>
    sweeps.flatMap(({ rows }) => rows.map(({ row, name }) => [row, name] as const)),
  ),
);
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const title = ({ name, sweeps }: Column): string =>
  `${name}, ${sweeps.length} seeds, n = ${[...new Set(sweeps.map(({ rows }) => rows[0]?.ours.n ?? 0))].join(', ')}`;
const table = [
  line(['setup', ...columns.map(title)]),
  line(['---', ...columns.map(() => '---')]),
  ...[...names]
    .sort(([a], [b]) => a - b)
    .map(([row, name]) => line([name, ...columns.map((column) => cellOf(column, row))])),
];
process.stdout.write(`${table.join('\n')}\n`);
