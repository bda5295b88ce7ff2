import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DataError } from '@janus/core';
import { readConvertedGraph, type GraphFile } from './converted-graph.js';
import { makeFaceDetector, type FaceDetector, type FaceDetectorOptions } from './face-detector.js';

/** What the detector is called in records. */
export const FACE_DETECTOR_NAME = 'BlazeFace 256 (MediaPipe, back camera)';

/**
 * Returns a detector with the network that the package `@vladmandic/human` carries (MIT; the network is MediaPipe's,
 * Apache-2.0). Only that file is read; none of the package's code runs. The caller disposes it; the engine
 * must run already.
 *
 * @throws DataError when the package is not there whole
 */
export async function loadFaceDetector(options: FaceDetectorOptions = {}): Promise<FaceDetector> {
  // The package's map of exports leads to its code alone, which lies beside the networks.
  const code = createRequire(import.meta.url).resolve('@vladmandic/human');
  const path = join(dirname(code), '..', 'models', 'blazeface.json');
  let file: GraphFile;
  let bytes: Uint8Array;
  try {
    file = JSON.parse(await readFile(path, 'utf8')) as GraphFile;
    bytes = await readFile(path.replace(/json$/, 'bin'));
  } catch (error) {
    throw new DataError(
      `${path}: must be a readable network, but is not. Install the packages again: npm ci.`,
      { path, cause: error },
    );
  }
  const graph = readConvertedGraph(file, bytes, path);
  const { detect, dispose } = makeFaceDetector(graph, options);
  return {
    detect,
    dispose: () => {
      dispose();
      graph.dispose();
    },
  };
}
