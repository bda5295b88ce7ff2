/** The images that a run trains, validates and tests on, kept in its folder: `parts.json`. */
import {
  forEachConcurrently,
  readParts,
  sha256OfFile,
  writeParts,
  type ImageParts,
  type PartImage,
  type ProgressListener,
  type RunParts,
} from '@janus/core';
import { imagePathOf, type ManifestRow, type SplitName } from '@janus/data';

/** An image of a data set or folder. */
export interface StoredImage {
  readonly id: string;
  /** Path that can be opened. */
  readonly path: string;
  /** Of the file, where the manifest has it. */
  readonly sha256: string | null;
}

/** Returns the image of a manifest's row. */
export function storedImage(folder: string, row: ManifestRow): StoredImage {
  return { id: row.id, path: imagePathOf(folder, row.path), sha256: row.sha256 };
}

/** Returns the sha256 of an image's file: the manifest's, else of its bytes; null where it cannot be read. */
async function contentHash({ path, sha256 }: StoredImage): Promise<string | null> {
  return sha256 ?? (await sha256OfFile(path).catch(() => null));
}

/** Returns the content hash of each image, in order. */
export async function contentHashes(
  stored: readonly StoredImage[],
  report?: ProgressListener,
): Promise<readonly (string | null)[]> {
  const hashes: (string | null)[] = stored.map(() => null);
  let done = 0;
  await forEachConcurrently(stored, async (image, i) => {
    hashes[i] = await contentHash(image);
    done += 1;
    if (image.sha256 !== null) return;
    report?.({ done, total: stored.length, unit: 'images', label: 'identifying' });
  });
  return hashes;
}

/** Returns what a run keeps of its images. */
export async function imageParts(
  of: (split: SplitName) => readonly StoredImage[] | Promise<readonly StoredImage[]>,
  report?: ProgressListener,
): Promise<ImageParts> {
  const parts = { train: [], validation: [], test: [] } as Record<SplitName, readonly PartImage[]>;
  for (const split of ['train', 'validation', 'test'] as const) {
    const stored = await of(split);
    const hashes = await contentHashes(stored, report);
    parts[split] = stored.map(({ id }, i): PartImage => [id, hashes[i] ?? null]);
  }
  return parts;
}

/** Writes the parts of a run, unless its folder has them: a resumed run keeps those that it began with. */
export async function keepParts(folder: string, make: () => Promise<RunParts>): Promise<void> {
  if ((await readParts(folder)) === undefined) await writeParts(folder, await make());
}

/** The domain of what the runs before a run were trained on. */
const EARLIER = 'startedFrom';

/**
 * Returns a run's parts with what the run that it starts from was trained on: its weights know those images
 * too. The same parts where there is no such run, or where that does not tell.
 */
export async function withEarlierParts(parts: RunParts, from?: string): Promise<RunParts> {
  const earlier = from === undefined ? undefined : await readParts(from);
  if (from === undefined || earlier === undefined) return parts;
  const train = new Map(
    Object.values(earlier.domains).flatMap((domain) =>
      (domain?.parts.train ?? []).map((image) => [image.join(' '), image] as const),
    ),
  );
  const of = { train: [...train.values()], validation: [], test: [] };
  return { ...parts, domains: { ...parts.domains, [EARLIER]: { title: from, parts: of } } };
}

/** The images of a run's part that are there as they were. */
export interface PresentImages {
  /** In the order of the part, with their content hashes. */
  readonly present: readonly StoredImage[];
  /** Images that the data does not have any more, or does not use. */
  readonly gone: number;
  /** Images whose content is another one now. */
  readonly changed: number;
}

/** Looks up the images of a run's part among those that the data has now. */
export async function presentImages(
  part: readonly PartImage[],
  now: readonly StoredImage[],
): Promise<PresentImages> {
  const byId = new Map(now.map((image) => [image.id, image]));
  const found = part.flatMap(([id, then]) => {
    const image = byId.get(id);
    return image === undefined ? [] : [{ image, then }];
  });
  const hashes = await contentHashes(found.map(({ image }) => image));
  let changed = 0;
  const present = found.flatMap(({ image, then }, i): StoredImage[] => {
    const sha256 = hashes[i] ?? null;
    // A pack may hold what a file no longer does: without a hash, the id decides.
    const isSame = then === null || sha256 === then;
    if (!isSame && sha256 !== null) changed += 1;
    return isSame ? [{ ...image, sha256 }] : [];
  });
  return { present, changed, gone: part.length - present.length - changed };
}

/** Returns the content hashes of all images that a run was trained on. */
export function trainedHashes({ domains }: RunParts): ReadonlySet<string> {
  return new Set(
    Object.values(domains).flatMap((domain) =>
      (domain?.parts.train ?? []).flatMap(([, sha256]) => (sha256 === null ? [] : [sha256])),
    ),
  );
}

/** Returns how many images have one of the content hashes. */
export function countAmong(
  stored: readonly (string | null)[],
  hashes: ReadonlySet<string>,
): number {
  return stored.filter((sha256) => sha256 !== null && hashes.has(sha256)).length;
}
