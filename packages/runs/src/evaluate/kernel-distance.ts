import { JanusError, type Reporter } from '@janus/core';
import { resizeImages } from '@janus/images';
import {
  averagedBackbone,
  buildBackbone,
  computeFeatures,
  kernelDistance,
  pretrainedWeights,
  setWeights,
  unitFeatures,
  type Features,
} from '@janus/models';

/** A kernel distance and what it was measured with. */
export interface KernelDistance {
  /** Unbiased, so that it can fall a little below 0; smaller is nearer. */
  readonly value: number;
  /** The same of the untranslated images: what the translation has to bring down. */
  readonly originals: number;
  /** Estimator, feature network, image size and counts: values compare only where it is equal. */
  readonly protocol: string;
}

/** Takes features of images for {@link distanceBetween}. */
export interface FeatureNetwork {
  features(pixels: Uint8Array, count: number): Promise<Features>;
  protocol(fakes: number, reals: number): string;
  dispose(): void;
}

/** VGG-16 halves five times: smaller images would leave nothing to average. */
const SMALLEST_PX = 64;

/**
 * Opens the network over whose features translations are measured: VGG-16 as ImageNet left it, so
 * that neither the translator nor the judge has had a say in it.
 *
 * @returns undefined, after one line that says why, where its weights cannot be had
 */
export async function openFeatureNetwork(
  imageSize: number,
  reporter: Reporter,
): Promise<FeatureNetwork | undefined> {
  const size = Math.max(SMALLEST_PX, imageSize);
  const found = await pretrainedWeights('vgg16', { report: reporter.progress }).catch(
    (error: unknown) => {
      if (!(error instanceof JanusError)) throw error;
      reporter.log(`No kernel distance: ${error.message}`);
      return undefined;
    },
  );
  if (found === undefined) return undefined;
  const backbone = buildBackbone('vgg16', { imageSize: size });
  setWeights(backbone, found.weights, found.source);
  const network = averagedBackbone(backbone);
  const { preprocessing } = found;
  return {
    async features(pixels, count) {
      const scaled = await resizeImages({ pixels, count, size: imageSize }, size);
      const features = await computeFeatures(
        network,
        { pixels: scaled, count, size },
        { preprocessing, report: reporter.progress, label: 'distance' },
      );
      return unitFeatures(features);
    },
    protocol: (fakes, reals) =>
      `unbiased squared MMD, kernel (x.y/512 + 1)^3 on ImageNet VGG-16 block 5 averaged and scaled to length sqrt(512), ${size} px, ${fakes} fakes against ${reals} originals`,
    dispose() {
      network.dispose();
    },
  };
}

/** Measures how far fakes, and the images they were made of, lie from the real ones. */
export function distanceBetween(
  network: FeatureNetwork,
  sets: { readonly fakes: Features; readonly sources: Features; readonly targets: Features },
): KernelDistance | undefined {
  const { fakes, sources, targets } = sets;
  if (Math.min(fakes.count, sources.count, targets.count) < 2) return undefined;
  return {
    value: kernelDistance(fakes, targets),
    originals: kernelDistance(sources, targets),
    protocol: network.protocol(fakes.count, targets.count),
  };
}
