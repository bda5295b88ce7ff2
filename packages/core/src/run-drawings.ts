/** What `networks.json` of a run holds: drawings of its networks, so that a report has them without loading the model. */
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeJson } from './files.js';

/** A drawing and what it shows. */
export interface RunDrawing {
  /** `networks`: the layers; `cyclegan`: how the four networks work together. */
  readonly id: 'networks' | 'cyclegan';
  readonly caption: string;
  /** A figure of `@janus/figures`: what Plotly draws. */
  readonly figure: {
    readonly data: readonly Readonly<Record<string, unknown>>[];
    readonly layout: Readonly<Record<string, unknown>>;
  };
}

const record = z.record(z.string(), z.unknown());

const schema: z.ZodType<{ readonly format: 1; readonly drawings: readonly RunDrawing[] }> =
  z.object({
    format: z.literal(1),
    drawings: z.array(
      z.object({
        id: z.enum(['networks', 'cyclegan']),
        caption: z.string(),
        figure: z.object({ data: z.array(record), layout: record }),
      }),
    ),
  });

/** Name of the file in a run's folder. */
const FILE = 'networks.json';

/** Writes `networks.json` into a run's folder, whole or not at all. */
export async function writeRunDrawings(
  folder: string,
  drawings: readonly RunDrawing[],
): Promise<void> {
  await writeJson(join(folder, FILE), { format: 1, drawings });
}

/**
 * Returns the drawings of a run's networks; none of a run of a version that drew none.
 *
 * @throws DataError when the file does not hold drawings
 */
export async function readRunDrawings(folder: string): Promise<readonly RunDrawing[]> {
  const kept = await readJsonFile(
    join(folder, FILE),
    schema,
    'Delete it: only the drawings of the networks are lost.',
  );
  return kept?.drawings ?? [];
}
