/** What `parts.json` of a run holds: the images that it trains, validates and tests on. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { DataError } from './errors.js';
import { jsonText, readJsonFile, writeFileAtomic } from './files.js';

/** An image of a part: its id, and the sha256 of its file; null where the file could not be read. */
export type PartImage = readonly [id: string, sha256: string | null];

/** Images by part of the data. */
export type ImageParts = Readonly<Record<'train' | 'validation' | 'test', readonly PartImage[]>>;

/** The images of a run. */
export interface RunParts {
  readonly format: 1;
  /** What the images are in: a classifier's data set (`images`), or a CycleGAN's domains (`x` and `y`). */
  readonly domains: Readonly<
    Record<string, { readonly title: string; readonly parts: ImageParts } | undefined>
  >;
}

/** Parts as the file has them. */
interface PartsFile extends RunParts {
  /** sha256 of the JSON of `domains`. */
  readonly hash: string;
}

const images: z.ZodType<readonly PartImage[]> = z.array(
  z.tuple([z.string(), z.string().nullable()]),
);

const schema: z.ZodType<PartsFile> = z.object({
  format: z.literal(1),
  hash: z.string(),
  domains: z.record(
    z.string(),
    z.object({
      title: z.string(),
      parts: z.object({ train: images, validation: images, test: images }),
    }),
  ),
});

const FILE = 'parts.json';

const hashOf = (domains: RunParts['domains']): string =>
  createHash('sha256').update(JSON.stringify(domains)).digest('hex');

/** Writes the parts of a run, with a hash of them. */
export async function writeParts(folder: string, { format, domains }: RunParts): Promise<void> {
  const path = join(folder, FILE);
  await writeFileAtomic(path, `${jsonText(path, { format, hash: hashOf(domains), domains })}\n`);
}

/**
 * Returns the parts of a run; undefined where its folder has none, as of a run of an earlier version.
 *
 * @throws DataError when the file is damaged, or was changed since
 */
export async function readParts(folder: string): Promise<RunParts | undefined> {
  const path = join(folder, FILE);
  const wayOut = 'Restore the file, or train the run again.';
  const found = await readJsonFile(path, schema, wayOut);
  if (found === undefined) return undefined;
  const { hash, ...parts } = found;
  if (hash !== hashOf(parts.domains)) {
    throw new DataError(
      `${path}: must be as training wrote it, but its content does not have the hash ${hash.slice(0, 12)}. ${wayOut}`,
      { path },
    );
  }
  return parts;
}
