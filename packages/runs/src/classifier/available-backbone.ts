import { listWeights } from '@janus/models';

/**
 * Returns the pretrained backbone that needs no download here: `vgg16` where its weights are in the per-user cache, else
 * `faceres`, which comes with npm.
 */
export async function availableBackbone(): Promise<'vgg16' | 'faceres'> {
  const entries = await listWeights();
  return entries.some(({ name, cached }) => name === 'vgg16' && cached) ? 'vgg16' : 'faceres';
}
