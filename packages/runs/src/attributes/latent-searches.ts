/** What a search for latent numbers can compare images by. */
import { openFaceFeatures, type ImageFeatures } from '@janus/models';

/** By pixels, each as it is, or by what the face network makes of them: who is shown. */
export type LatentSearch = 'pixels' | 'identity';

/** All of them. */
export const LATENT_SEARCHES: readonly LatentSearch[] = ['pixels', 'identity'];

/**
 * Opens what a search compares images by; the caller disposes it.
 *
 * @throws EnvironmentError when the engine cannot derive the face network; DataError when its files are missing
 */
export async function openSearchFeatures(search: LatentSearch): Promise<{
  /** Absent: pixels. */
  readonly features: ImageFeatures | undefined;
  readonly dispose: () => void;
}> {
  if (search === 'identity') return await openFaceFeatures();
  return { features: undefined, dispose: () => undefined };
}
