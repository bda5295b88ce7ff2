import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { forEachConcurrently, makeTemporaryFolder, type ProgressListener } from '@janus/core';
import { renderFace, sampleFace } from '@janus/faces';

/** A folder of JPEG files that both sides decode. */
export interface BenchImages {
  readonly folder: string;
  /** A description of the files. */
  readonly line: string;
  /** Removes the files if they were generated. */
  dispose(): Promise<void>;
}

/** Image side in px; a generated face of this size is about 21 KB, as a portrait of common data sets is. */
const SIDE = 320;
const FACES = 100;
/** Files per face: enough that the start of a loader's workers is negligible. */
const COPIES = 20;

/** Writes 2,000 generated JPEG files into a temporary folder, which `dispose` removes. */
export async function makeBenchImages(report: ProgressListener): Promise<BenchImages> {
  const { path: folder, remove: dispose } = await makeTemporaryFolder('bench');
  try {
    let bytes = 0;
    let done = 0;
    await forEachConcurrently(
      Array.from({ length: FACES }, (_, i) => i),
      async (person) => {
        const face = sampleFace({ seed: 1, person, image: 0 });
        const file = await renderFace(face, { size: SIDE });
        bytes += file.length;
        for (let copy = 0; copy < COPIES; copy++) {
          await writeFile(join(folder, `${person}-${copy}.jpg`), file);
        }
        done += 1;
        report({ done, total: FACES, unit: 'faces', label: 'drawing' });
      },
    );
    const kilobytes = (bytes / FACES / 1000).toFixed(1);
    return {
      folder,
      line: `${FACES * COPIES} generated JPEG files of ${SIDE} px, ${kilobytes} KB each on average`,
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
