import { JanusError, type KernelDistance, type Reporter } from '@janus/core';
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

/** Takes features of images for {@link distanceBetween}. */
export interface DistanceNetwork {
  /** @param of what the images are, for the progress line */
  features(pixels: Uint8Array, count: number, of: string): Promise<Features>;
  protocol(fakes: number, reals: number): string;
  dispose(): void;
}

/** VGG-16 halves five times: smaller images would leave nothing to average. */
const MIN_SIDE_PX = 64;

/**
 * Opens the network over whose features translations are measured: VGG-16 trained on ImageNet alone, so
 * that it depends on neither the generators nor the judge.
 *
 * @returns undefined, after one line with the reason, where its weights are not available
 */
export async function openDistanceNetwork(
  imageSize: number,
  reporter: Reporter,
): Promise<DistanceNetwork | undefined> {
  const size = Math.max(MIN_SIDE_PX, imageSize);
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
    async features(pixels, count, of) {
      const scaled = await resizeImages({ pixels, count, size: imageSize }, size);
      const features = await computeFeatures(
        network,
        { pixels: scaled, count, size },
        { preprocessing, report: reporter.progress, label: `distance, ${of}` },
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
  network: DistanceNetwork,
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
