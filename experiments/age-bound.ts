/**
 * The least error, in years, with which age can be told from generated faces: of somebody who reads the depth of the
 * wrinkles, or the grey of the hair, or both, exactly. Half of the faces say the median age for what is read, the others
 * are told by it.
 *
 * node --import tsx --conditions=@janus/source experiments/age-bound.ts [--faces 60000] [--seed 1]
 */
import { parseArgs } from 'node:util';
import { ageTracesOf, sampleFace, type AgeTraces } from '@janus/faces';

const { values } = parseArgs({
  options: { faces: { type: 'string', default: '60000' }, seed: { type: 'string', default: '1' } },
});

/** Cells into which what is read is divided, in all: more would hold too few faces for a median. */
const CELLS = 400;

const faces = Array.from({ length: Number(values.faces) }, (_, person) => {
  const face = sampleFace({ seed: Number(values.seed), person, image: 0 });
  return { age: face.attributes.age, traces: ageTracesOf(face) };
});
const half = faces.length / 2;

const medianOf = (ages: readonly number[]): number =>
  [...ages].sort((a, b) => a - b)[Math.floor(ages.length / 2)] ?? NaN;

/** Returns the mean absolute error where ages are told by what `read` returns. */
function errorOf(read: (traces: AgeTraces) => readonly number[]): number {
  const cells = new Map<string, number[]>();
  const cellOf = (traces: AgeTraces): string =>
    read(traces)
      .map((trace, _, all) => Math.floor(trace * CELLS ** (1 / all.length)))
      .join(' ');
  for (const { age, traces } of faces.slice(0, half)) {
    const cell = cellOf(traces);
    cells.set(cell, [...(cells.get(cell) ?? []), age]);
  }
  const medians = new Map([...cells].map(([cell, ages]) => [cell, medianOf(ages)]));
  const overall = medianOf(faces.map(({ age }) => age));
  const errors = faces
    .slice(half)
    .map(({ age, traces }) => Math.abs(age - (medians.get(cellOf(traces)) ?? overall)));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

const READ: readonly (readonly [string, (traces: AgeTraces) => readonly number[]])[] = [
  ['nothing', () => []],
  ['grey hair', ({ grey }) => [grey]],
  ['wrinkles', ({ wrinkles }) => [wrinkles]],
  ['wrinkles and grey hair', ({ wrinkles, grey }) => [wrinkles, grey]],
];
for (const [name, read] of READ) {
  process.stdout.write(`${name.padEnd(24)}${errorOf(read).toFixed(2)} years\n`);
}
