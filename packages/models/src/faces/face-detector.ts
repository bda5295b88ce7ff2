/**
 * Finds faces: BlazeFace for images of 256 pixels (Bazarevsky and others 2019, arXiv 1907.05047), MediaPipe's
 * network of the back camera.
 */

import * as tf from '@tensorflow/tfjs';
import { OptionsError, type DetectFaces, type FaceBox } from '@janus/core';
import { compile } from '@janus/engine';
import type { ConvertedGraph } from './converted-graph.js';
import { letterbox, type Letterbox } from './letterbox.js';

/** Side of the images that the network takes, in pixels: more finds no more. */
export const FACE_DETECTOR_SIZE = 256;

/** Options of {@link makeFaceDetector}. */
export interface FaceDetectorOptions {
  /**
   * Surer than this is a face, above 0 and below 1; default 0.6: MediaPipe's 0.5 takes twice as many things for
   * faces, and finds hardly more of them (decision 11).
   */
  readonly minScore?: number;
  /**
   * Overlap (intersection over union) from which two boxes are one face, above 0 and below 1; default 0.3,
   * MediaPipe's.
   */
  readonly maxOverlap?: number;
  /**
   * Images at once, 1 to 64; default 8 on the `tensorflow` engine, where it halves the time of an image, 1
   * elsewhere. A batch that is not full is filled up with black, so that an image's faces do not depend on
   * which others are looked at with it.
   */
  readonly batchSize?: number;
}

/** A detector; frees its network in the end. */
export interface FaceDetector {
  readonly detect: DetectFaces;
  readonly dispose: () => void;
}

/** Cells a side and anchors a cell, of both layers of heads. */
const LAYERS = [
  { cells: 16, anchors: 2 },
  { cells: 8, anchors: 6 },
] as const;

/** Scores of both layers, then boxes of both. */
const OUTPUTS = ['Identity', 'Identity_1', 'Identity_2', 'Identity_3'] as const;

/** Numbers of one anchor: its box, then six points of the face. */
const ANCHOR_VALUES = 16;

/** An image that waits for its batch. */
interface Waiting {
  readonly image: Letterbox;
  readonly resolve: (faces: readonly FaceBox[]) => void;
  readonly reject: (reason: unknown) => void;
}

function checkFraction(name: string, value: number): void {
  if (value > 0 && value < 1) return;
  throw new OptionsError(
    `makeFaceDetector: ${name} must be above 0 and below 1, but got ${value}. Leave it out.`,
  );
}

/**
 * Returns a detector of a network that was read; the caller disposes both.
 *
 * @throws OptionsError when an option is out of its range
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
      `makeFaceDetector: batchSize must be a whole number from 1 to 64, but got ${batchSize}. Leave it out.`,
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
    // Whoever asks in this turn of the loop belongs to the batch.
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

/** Returns the boxes of all anchors that are sure enough, in pixels of the image as it was. */
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

/** Returns one box a face, the surest of those that overlap, the surest first. */
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
