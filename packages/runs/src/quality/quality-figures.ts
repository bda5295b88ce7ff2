/** The curves of quality over minutes, a figure a measure and direction. */
import { join } from 'node:path';
import type { QualityPoint, QualityRecord, TranslationMeasures } from '@janus/core';
import { writeFigure } from '../figure-files.js';

/** A measure that has a figure. */
interface Shown {
  /** In the file's name. */
  readonly file: string;
  readonly quality: string;
  readonly unit: 'rate' | 'number';
  readonly better: 'higher' | 'lower';
  readonly of: (measures: TranslationMeasures) => number | undefined;
  /** What leaving the images as they are would get. */
  readonly originals?: (measures: TranslationMeasures) => number | undefined;
}

const SHOWN: readonly Shown[] = [
  {
    ...{ file: 'judged', quality: 'Judged as target (%)', unit: 'rate', better: 'higher' },
    of: ({ judgedAsTarget }) => judgedAsTarget?.value,
  },
  {
    ...{ file: 'twin-error', quality: "Twin error in the judge's features", unit: 'number' },
    better: 'lower',
    of: ({ twinErrorFeatures }) => twinErrorFeatures,
    originals: () => 1,
  },
  {
    ...{ file: 'kernel-distance', quality: 'Kernel distance', unit: 'number', better: 'lower' },
    of: ({ kid }) => kid,
    originals: ({ kidOriginals }) => kidOriginals,
  },
];

/** Writes the figures of all measures that were taken, as SVG and PNG, and returns the files. */
export async function writeQualityFigures(
  folder: string,
  record: QualityRecord,
): Promise<readonly string[]> {
  const files: string[] = [];
  for (const shown of SHOWN) {
    for (const way of ['xToY', 'yToX'] as const) {
      files.push(...(await writeOne(folder, record, { shown, way })));
    }
  }
  return files;
}

async function writeOne(
  folder: string,
  { points, recipes, domains }: QualityRecord,
  { shown, way }: { readonly shown: Shown; readonly way: 'xToY' | 'yToX' },
): Promise<readonly string[]> {
  const runs = recipes.map(({ name, updates }) => ({
    name: `${name}, ${updates} updates`,
    runs: runsOf(
      points.filter(({ recipe }) => recipe === name),
      (point) => shown.of(point[way]),
    ),
  }));
  if (runs.every((each) => each.runs.length === 0)) return [];
  const { file, quality, unit, better } = shown;
  const [first] = points;
  const originals = first === undefined ? undefined : shown.originals?.(first[way]);
  const [from, to] = way === 'xToY' ? [domains.x, domains.y] : [domains.y, domains.x];
  // Loads Plotly's bundle: only when there is something to draw.
  const { qualityOverMinutes } = await import('@janus/figures');
  const figure = qualityOverMinutes(runs, {
    ...{ title: `${from} to ${to}`, quality, unit, better },
    ...(originals === undefined
      ? {}
      : { reference: { value: originals, label: 'the images as they are' } }),
  });
  return await writeFigure(figure, join(folder, `${file}-${way === 'xToY' ? 'there' : 'back'}`));
}

/** Returns the curve of each seed. */
function runsOf(
  points: readonly QualityPoint[],
  of: (point: QualityPoint) => number | undefined,
): readonly (readonly { readonly minutes: number; readonly value: number }[])[] {
  const seeds = [...new Set(points.map(({ seed }) => seed))];
  return seeds
    .map((seed) =>
      points.flatMap((point) => {
        const value = of(point);
        return point.seed === seed && value !== undefined
          ? [{ minutes: point.minutes, value }]
          : [];
      }),
    )
    .filter((run) => run.length > 0);
}
