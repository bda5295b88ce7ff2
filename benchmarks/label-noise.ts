/**
 * How many planted wrong labels `reviewLabels` finds: generated faces of which a share is labelled wrong in one column,
 * reviewed by each filter; precision is the share of flagged labels that are wrong, recall that of wrong ones that are flagged.
 *
 * node --import tsx --conditions=@janus/source benchmarks/label-noise.ts [--faces 2000] [--rate 0.08] [--columns presentation,glasses]
 *   [--size 128] [--seed 5]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openDataset } from '@janus/data';
import { generateFaces, LABEL_FILTERS, reviewLabels } from '@janus/runs';

const { values } = parseArgs({
  options: {
    faces: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '0.08' },
    columns: { type: 'string', default: 'presentation' },
    size: { type: 'string', default: '128' },
    seed: { type: 'string', default: '5' },
  },
});
const [faces, rate, size, seed] = [values.faces, values.rate, values.size, values.seed].map(Number);

const root = await mkdtemp(join(tmpdir(), 'janus-label-noise-'));
try {
  process.stdout.write('column        filter                 wrong  flagged  precision  recall\n');
  for (const column of values.columns.split(',')) {
    const out = join(root, column);
    await generateFaces(faces ?? 0, {
      ...{ out, size: size ?? 128, seed: seed ?? 1 },
      labelNoise: { column, rate: rate ?? 0 },
    });
    const { rows } = await openDataset(out);
    const wrong = new Set(
      rows.flatMap(({ id, labels }) => (labels[column] === labels[`${column}_truth`] ? [] : [id])),
    );
    for (const filterBy of LABEL_FILTERS) {
      const { issues } = await reviewLabels(out, { target: column, size: size ?? 128, filterBy });
      const hits = issues.filter(({ id }) => wrong.has(id)).length;
      const share = (of: number): string => (hits / of).toFixed(3);
      process.stdout.write(
        `${column.padEnd(14)}${filterBy.padEnd(23)}${String(wrong.size).padStart(5)}${String(issues.length).padStart(9)}${share(issues.length).padStart(11)}${share(wrong.size).padStart(8)}\n`,
      );
    }
  }
} finally {
  await rm(root, { recursive: true, force: true });
}
