import { packedSource, imageSetOfFiles, type ImageSet, type ImageSetOptions } from '@janus/images';
import { findPack } from './find-pack.js';

/** Options of {@link openImages}. */
export interface OpenImagesOptions extends Omit<ImageSetOptions, 'remedy'> {
  /** The data folder that they are of, which may hold a pack; left out: none does. */
  readonly folder?: string;
}

/**
 * Returns images to train on: read from the data folder's pack where it has a fresh one; else decoded
 * when they are first wanted and kept in memory; else, when they are too many for that, decoded whenever
 * they are wanted. The pixels are the same in all three.
 *
 * @throws DataError when the pack is damaged
 */
export async function openImages(
  items: readonly { readonly id: string; readonly path: string }[],
  options: OpenImagesOptions,
): Promise<ImageSet> {
  const { folder, ...rest } = options;
  if (folder === undefined) return imageSetOfFiles(items, rest);
  const { size, line } = options;
  const found = await findPack(folder, size);
  const command = `\`npx janus data pack ${folder} --size ${size}\``;
  if (found.state === 'fresh') {
    const ids = items.map(({ id }) => id);
    line?.(`Images: ${ids.length} from ${found.pack.folder}`);
    return { ids, size, source: packedSource(found, ids) };
  }
  if (found.state === 'stale') {
    line?.(
      `Images: the pack of ${size} px is stale, ${found.reason}; decoding. Run ${command} to read instead.`,
    );
  }
  return imageSetOfFiles(items, { ...rest, remedy: `${command} is quicker.` });
}
