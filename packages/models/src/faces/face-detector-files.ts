import { readFile } from 'node:fs/promises';
import { DataError } from '@janus/core';
import { readConvertedGraph, type GraphFile } from './converted-graph.js';
import { pathOfHumanModel } from '../human-files.js';
import { makeFaceDetector, type FaceDetector, type FaceDetectorOptions } from './face-detector.js';

/** Name of the detector in records. */
export const FACE_DETECTOR_NAME = 'BlazeFace 256 (MediaPipe, back camera)';

/**
 * Returns a detector with the network in the package `@vladmandic/human` (MIT; the network is MediaPipe's,
 * Apache-2.0), and reads only that file: none of the package's code runs. Start the engine first; the caller
 * disposes the detector.
 *
 * @throws DataError when the network's files are missing or damaged; OptionsError when an option is out of range
 */
export async function loadFaceDetector(options: FaceDetectorOptions = {}): Promise<FaceDetector> {
  const { file, bytes, path } = await faceDetectorFiles();
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

/**
 * Returns what the detector's network is read from: for `readConvertedGraph`.
 *
 * @throws DataError when the network's files are missing
 */
export async function faceDetectorFiles(): Promise<{
  readonly file: GraphFile;
  readonly bytes: Uint8Array;
  readonly path: string;
}> {
  const path = pathOfHumanModel('blazeface');
  try {
    const file = JSON.parse(await readFile(path, 'utf8')) as GraphFile;
    return { file, bytes: await readFile(path.replace(/json$/, 'bin')), path };
  } catch (error) {
    throw new DataError(
      `${path}: must be a readable network, but it cannot be read. Install the packages again: npm ci.`,
      { path, cause: error },
    );
  }
}
