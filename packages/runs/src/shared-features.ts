/** Features of images that several runs divide in other ways, kept once for all of them, by what the images hold. */
import { existsSync } from 'node:fs';
import { readSafetensorsFile, writeSafetensorsFile } from '@janus/core';
import type { Features } from '@janus/models';

/** What {@link sharedFeatures} takes. */
export interface SharedFeaturesOptions<Image> {
  /** The images whose features are wanted, in order. */
  readonly images: readonly Image[];
  /** Returns the hash of an image's content. */
  readonly contentOf: (image: Image) => string;
  /** All images whose features are kept when some must be computed; default those that are wanted. */
  readonly all?: readonly Image[];
  /** Computes the features of images, in order. */
  readonly compute: (images: readonly Image[]) => Promise<Features>;
}

/** Features, and the contents that its rows are of. */
interface Kept {
  readonly features: Features;
  readonly contents: readonly string[];
}

/**
 * Returns the features of images from a file that holds those of any number, by content; computes those that it lacks,
 * and adds them.
 */
export async function sharedFeatures<Image>(
  file: string,
  { images, contentOf, all = images, compute }: SharedFeaturesOptions<Image>,
): Promise<Features> {
  const before = await readKept(file);
  const known = new Set(before?.contents);
  const isComplete = images.every((image) => known.has(contentOf(image)));
  const missing = isComplete
    ? []
    : [...new Map([...all, ...images].map((image) => [contentOf(image), image])).values()].filter(
        (image) => !known.has(contentOf(image)),
      );
  const kept =
    missing.length === 0 && before !== undefined
      ? before
      : joined(before, { features: await compute(missing), contents: missing.map(contentOf) });
  if (kept !== before) await writeKept(file, kept);
  return rowsOf(kept, images.map(contentOf));
}

async function readKept(file: string): Promise<Kept | undefined> {
  if (!existsSync(file)) return undefined;
  const { arrays, metadata } = await readSafetensorsFile(file);
  const [array] = arrays;
  const contents = (metadata['images'] ?? '').split(' ');
  if (!(array?.data instanceof Float32Array) || array.shape[0] !== contents.length)
    return undefined;
  const [count = 0, ...shape] = array.shape;
  return { features: { data: array.data, count, shape }, contents };
}

async function writeKept(file: string, { features, contents }: Kept): Promise<void> {
  const { data, count, shape } = features;
  await writeSafetensorsFile(file, [{ name: 'features', shape: [count, ...shape], data }], {
    metadata: { images: contents.join(' ') },
  });
}

function joined(before: Kept | undefined, added: Kept): Kept {
  if (before === undefined) return added;
  const data = new Float32Array(before.features.data.length + added.features.data.length);
  data.set(before.features.data);
  data.set(added.features.data, before.features.data.length);
  const count = before.features.count + added.features.count;
  return {
    features: { data, count, shape: added.features.shape },
    contents: [...before.contents, ...added.contents],
  };
}

function rowsOf({ features, contents }: Kept, wanted: readonly string[]): Features {
  const { data, shape } = features;
  const places = new Map(contents.map((content, i) => [content, i]));
  const width = shape.reduce((a, b) => a * b, 1);
  const rows = new Float32Array(wanted.length * width);
  for (const [i, content] of wanted.entries()) {
    const place = places.get(content) ?? 0;
    rows.set(data.subarray(place * width, (place + 1) * width), i * width);
  }
  return { data: rows, count: wanted.length, shape };
}
