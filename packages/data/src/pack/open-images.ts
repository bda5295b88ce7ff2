import { packedSource, imageSetOfFiles, type ImageSet, type ImageSetOptions } from '@janus/images';
import { findPack } from './find-pack.js';

/** Options of {@link openImages}. */
export interface OpenImagesOptions extends Omit<ImageSetOptions, 'remedy'> {
  /** The data folder of the images, which may hold a pack; default: there is no pack. */
  readonly folder?: string;
}

/**
 * Returns images to train on. They are read from the data folder's pack if it is up to date; otherwise decoded once and
 * kept in memory; or, if they do not fit, decoded in every epoch. The pixels are the same in all three cases. Packs hold
 * squares: images with a width of their own are decoded.
 *
 * @param items ids and paths; every id must be in the data folder
 * @throws DataError when the pack is damaged
 */
export async function openImages(
  items: readonly { readonly id: string; readonly path: string }[],
  options: OpenImagesOptions,
): Promise<ImageSet> {
  const { folder, ...rest } = options;
  if (folder === undefined) return imageSetOfFiles(items, rest);
  const { size, width = size, line } = options;
  if (width !== size) return imageSetOfFiles(items, rest);
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
