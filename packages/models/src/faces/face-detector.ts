/**
 * Finds faces with BlazeFace (Bazarevsky et al. 2019, arXiv 1907.05047), in MediaPipe's version for the back
 * camera, which takes images of 256 px.
 */

import * as tf from '@tensorflow/tfjs';
import { OptionsError, type DetectFaces, type FaceBox } from '@janus/core';
import { compile } from '@janus/engine';
import type { ConvertedGraph } from './converted-graph.js';
import { letterbox, type Letterbox } from './letterbox.js';

/** Side of the network's input in pixels. */
export const FACE_DETECTOR_SIZE = 256;

/** Options of {@link makeFaceDetector}. */
export interface FaceDetectorOptions {
  /**
   * Lowest score of a face, above 0 and below 1; default 0.6: MediaPipe's 0.5 doubles the false detections and
   * finds hardly more faces (decision 11).
   */
  readonly minScore?: number;
  /**
   * Intersection over union at which two boxes count as the same face, above 0 and below 1; default 0.3,
   * MediaPipe's.
   */
  readonly maxOverlap?: number;
  /**
   * Images per batch, 1 to 64; default 8 on the `tensorflow` engine, where that halves the time per image, 1
   * elsewhere. A batch that is not full is padded with black, so that the faces of an image do not depend on
   * the other images of its batch.
   */
  readonly batchSize?: number;
}

/** A face detector. */
export interface FaceDetector {
  /**
   * Returns the faces in an image, boxes in its pixels, the highest score first. Calls made together share
   * batches.
   *
   * @throws OptionsError when the pixels are not those of an image of this size
   */
  readonly detect: DetectFaces;
  /** Disposes what the detector created; the network remains the caller's. */
  readonly dispose: () => void;
}

/** Cells per side and anchors per cell of the two output layers. */
const LAYERS = [
  { cells: 16, anchors: 2 },
  { cells: 8, anchors: 6 },
] as const;

/** Outputs of the network: the scores of both layers, then the boxes of both. */
const OUTPUTS = ['Identity', 'Identity_1', 'Identity_2', 'Identity_3'] as const;

/** Numbers per anchor: a box (4), then six points of the face (12). */
const ANCHOR_VALUES = 16;

/** An image that waits for a batch. */
interface Waiting {
  readonly image: Letterbox;
  readonly resolve: (faces: readonly FaceBox[]) => void;
  readonly reject: (reason: unknown) => void;
}

function checkFraction(name: string, value: number): void {
  if (value > 0 && value < 1) return;
  throw new OptionsError(
    `makeFaceDetector: ${name} must be above 0 and below 1, but got ${value}. Leave it out for the default.`,
  );
}

/**
 * Returns a detector that runs a network; the caller disposes both.
 *
 * @throws OptionsError when an option is out of range
 */
export function makeFaceDetector(
  graph: ConvertedGraph,
  options: FaceDetectorOptions = {},
): FaceDetector {
  const { minScore = 0.6, maxOverlap = 0.3 } = options;
  const { batchSize = tf.getBackend() === 'tensorflow' ? 8 : 1 } = options;
  checkFraction('minScore', minScore);
  checkFraction('maxOverlap', maxOverlap);
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > 64) {
    throw new OptionsError(
      `makeFaceDetector: batchSize must be a whole number from 1 to 64, but got ${batchSize}. Leave it out for the default.`,
    );
  }
  const step = compile(
    ({ images }: { images: tf.Tensor }) => {
      const signed = tf.sub<tf.Tensor4D>(tf.div(tf.cast(images, 'float32'), 127.5), 1);
      const found = graph.run(signed, OUTPUTS) as tf.Tensor3D[]; // finer layer first
      return {
        scores: tf.concat(found.slice(0, 2), 1), // [B, 896, 1]
        boxes: tf.concat(found.slice(2), 1), // [B, 896, 16]
      };
    },
    { ownSession: true },
  );
  const side = FACE_DETECTOR_SIZE;
  const queue: Waiting[] = [];
  let running = false;

  const runBatch = async (batch: readonly Waiting[]): Promise<void> => {
    const bytes = new Int32Array(batchSize * side * side * 3);
    batch.forEach(({ image }, i) => {
      bytes.set(image.pixels, i * side * side * 3);
    });
    const images = tf.tensor4d(bytes, [batchSize, side, side, 3], 'int32');
    const held: tf.Tensor[] = [images];
    try {
      const { scores, boxes } = await step.run({ images });
      held.push(scores, boxes);
      const [logits, numbers] = await Promise.all([scores.data(), boxes.data()]);
      const anchors = logits.length / batchSize;
      batch.forEach(({ image, resolve }, i) => {
        const found = decodeFaces(
          {
            logits: logits.subarray(i * anchors, (i + 1) * anchors),
            numbers: numbers.subarray(
              i * anchors * ANCHOR_VALUES,
              (i + 1) * anchors * ANCHOR_VALUES,
            ),
          },
          image,
          minScore,
        );
        resolve(suppressOverlaps(found, maxOverlap));
      });
    } finally {
      tf.dispose(held);
    }
  };

  const work = async (): Promise<void> => {
    if (running) return;
    running = true;
    // Calls of the same turn of the event loop share a batch.
    await new Promise((resolve) => setTimeout(resolve, 0));
    while (queue.length > 0) {
      const batch = queue.splice(0, batchSize);
      try {
        await runBatch(batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = false;
  };

  return {
    detect: (pixels, width, height) => {
      if (width < 1 || height < 1 || pixels.length !== width * height * 3) {
        throw new OptionsError(
          `detect: pixels must be [height, width, 3], but got ${pixels.length} for ${height}x${width}. Decode the image as RGB.`,
        );
      }
      return new Promise((resolve, reject) => {
        queue.push({ image: letterbox({ pixels, width, height }, side), resolve, reject });
        void work();
      });
    },
    dispose: () => {
      step.dispose();
    },
  };
}

/** Returns the boxes of all anchors with a high enough score, in pixels of the original image. */
function decodeFaces(
  output: {
    /** [anchors] */
    readonly logits: ArrayLike<number>;
    /** [anchors, 16] */
    readonly numbers: ArrayLike<number>;
  },
  { scale, left, top }: Letterbox,
  minScore: number,
): FaceBox[] {
  const faces: FaceBox[] = [];
  const threshold = Math.log(minScore / (1 - minScore));
  let anchor = 0;
  for (const { cells, anchors } of LAYERS) {
    for (let place = 0; place < cells * cells * anchors; place++, anchor++) {
      const logit = output.logits[anchor] ?? 0;
      if (logit < threshold) continue;
      const cell = Math.floor(place / anchors);
      const stride = FACE_DETECTOR_SIZE / cells;
      const at = anchor * ANCHOR_VALUES;
      const x = ((cell % cells) + 0.5) * stride + (output.numbers[at] ?? 0);
      const y = (Math.floor(cell / cells) + 0.5) * stride + (output.numbers[at + 1] ?? 0);
      const width = output.numbers[at + 2] ?? 0;
      const height = output.numbers[at + 3] ?? 0;
      faces.push({
        x1: (x - width / 2 - left) / scale,
        y1: (y - height / 2 - top) / scale,
        x2: (x + width / 2 - left) / scale,
        y2: (y + height / 2 - top) / scale,
        score: 1 / (1 + Math.exp(-logit)),
      });
    }
  }
  return faces;
}

/** Returns the highest of the boxes that overlap, one per face, the highest score first. */
function suppressOverlaps(faces: readonly FaceBox[], maxOverlap: number): readonly FaceBox[] {
  const kept: FaceBox[] = [];
  for (const face of [...faces].sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => overlapOf(face, other) < maxOverlap)) kept.push(face);
  }
  return kept;
}

const areaOf = ({ x1, y1, x2, y2 }: FaceBox): number => Math.max(0, x2 - x1) * Math.max(0, y2 - y1);

function overlapOf(a: FaceBox, b: FaceBox): number {
  const width = Math.max(0, Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1));
  const height = Math.max(0, Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1));
  const both = width * height;
  return both / (areaOf(a) + areaOf(b) - both);
}
