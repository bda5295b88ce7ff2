import { SILENT, type DetectFaces } from '@janus/core';
import { cropDataset, type CropOptions, type CropResult } from '@janus/data';
import { FACE_DETECTOR_NAME, loadFaceDetector } from '@janus/models';
import { startEngine, type ReadContext } from '../context.js';

/** Options of {@link cropImages}. */
export interface CropImagesOptions
  extends Omit<CropOptions, 'detect' | 'detector' | 'report'>, ReadContext {}

/**
 * Crops every image of a data folder to one size, by its box or by the face that is detected in it; see
 * `cropDataset`. The engine starts with the first image that needs the detector: boxes need none.
 */
export async function cropImages(
  folder: string,
  options: CropImagesOptions = {},
): Promise<CropResult> {
  const { engine = 'auto', reporter = SILENT, ...crop } = options;
  let loading: ReturnType<typeof loadFaceDetector> | undefined;
  const load = async (): ReturnType<typeof loadFaceDetector> => {
    await startEngine({ engine, reporter });
    return await loadFaceDetector();
  };
  const detect: DetectFaces = async (pixels, width, height) => {
    const detector = await (loading ??= load());
    return await detector.detect(pixels, width, height);
  };
  try {
    const detector = { detect, detector: FACE_DETECTOR_NAME };
    return await cropDataset(folder, { ...crop, ...detector, report: reporter.progress });
  } finally {
    const loaded = await loading?.catch(() => undefined);
    loaded?.dispose();
  }
}
