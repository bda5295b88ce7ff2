/** The networks of the page: what they say of an image. */
import type { FaceBox } from '@janus/core';
import { pieceSize, regionOf, squarePieces, wholePieces } from '@janus/images';
import type { ChangedPieces, Part, Pieces, RgbImage } from '@janus/images';
import {
  besideEachOther,
  computeFeatures,
  gradCam,
  logitsByTarget,
  makeFaceDetector,
  modelOf,
  openTranslator,
  predictionOf,
  readConvertedGraph,
  type ClassMaps,
  type FaceDetector,
  type HeadsDescription,
  type SquareImages,
  type TargetPrediction,
  type Translator,
} from '@janus/models/web';
import * as tf from '@tensorflow/tfjs';
import type {
  PageClassifier,
  PageData,
  PageFaceCrop,
  PageNetwork,
  PageTranslation,
} from '../page-data.js';
import { loadBytes, type LoadListener } from './load-parts.js';

/** A class of a target, both by number. */
export interface ExplainedClass {
  readonly target: number;
  readonly label: number;
}

/** A classifier that is ready. */
export interface OpenClassifier {
  readonly model: tf.LayersModel;
  readonly description: HeadsDescription;
  /** Returns what one image shows, by target. */
  readonly tell: (pixels: Uint8Array) => Promise<Readonly<Record<string, TargetPrediction>>>;
  /** Returns where the score of a class of a target comes from. */
  readonly explain: (pixels: Uint8Array, which: ExplainedClass) => Promise<ClassMaps>;
}

async function openNetwork(
  { file, weights }: PageNetwork,
  onLoaded: LoadListener,
): Promise<tf.LayersModel> {
  return await modelOf({ file, weights: await loadBytes(weights, onLoaded) }, weights.name);
}

/** Opens the page's classifier. */
export async function openClassifier(
  { network, description }: PageClassifier,
  onLoaded: LoadListener,
): Promise<OpenClassifier> {
  return classifierOf(await openNetwork(network, onLoaded), description);
}

/** Returns a classifier that is ready, of a network in memory. */
export function classifierOf(model: tf.LayersModel, description: HeadsDescription): OpenClassifier {
  const joined = besideEachOther(model);
  const { targets, imageSize: size, preprocessing } = description;
  const one = (pixels: Uint8Array): SquareImages => ({ pixels, count: 1, size });
  return {
    ...{ model, description },
    tell: async (pixels) => {
      const logits = logitsByTarget(
        await computeFeatures(joined, one(pixels), { preprocessing }),
        targets,
      );
      return Object.fromEntries(
        targets.map((each, t) => [each.target, predictionOf(each, logits[t]?.[0] ?? [])]),
      );
    },
    explain: async (pixels, { target, label }) => {
      const outputs = model.outputs[target] ?? [];
      const own = tf.model({ inputs: model.inputs, outputs, name: model.name });
      return await gradCam(own, { images: one(pixels), classes: [label] }, { preprocessing });
    },
  };
}

/** Opens the detector that Node crops with. */
export async function openDetector(
  { file, weights }: PageData['detector'],
  onLoaded: LoadListener,
): Promise<FaceDetector> {
  const bytes = await loadBytes(weights, onLoaded);
  return makeFaceDetector(readConvertedGraph(file, bytes, weights.name));
}

/** The face of an image, as a square part of it. */
export interface FoundFace {
  readonly part: Part;
  /** All faces that were found. */
  readonly count: number;
}

/** Returns the largest face of an image; undefined where there is none that counts. */
export async function findFace(
  { detect }: FaceDetector,
  photo: RgbImage,
  { margin, minSide }: PageFaceCrop,
): Promise<FoundFace | undefined> {
  const faces = await detect(photo.pixels, photo.width, photo.height);
  const [largest] = [...faces].sort((a, b) => sideOf(b) - sideOf(a));
  if (largest === undefined || sideOf(largest) < minSide) return undefined;
  const found = regionOf(largest, photo, { margin, shape: 'square' });
  return found === null ? undefined : { part: found.region, count: faces.length };
}

const sideOf = ({ x1, y1, x2, y2 }: FaceBox): number => Math.max(x2 - x1, y2 - y1);

/** A translation that is ready. */
export interface OpenTranslation {
  /** Returns what a way makes of a photo, before it is brought back into it. */
  readonly translate: (
    photo: RgbImage,
    how: { readonly direction: number; readonly face: Part | undefined },
  ) => Promise<TranslatedPieces>;
}

/** What a generator made of a photo. */
export interface TranslatedPieces {
  readonly pieces: Pieces;
  readonly after: ChangedPieces;
  /** Of the generator alone, milliseconds. */
  readonly ms: number;
}

/** Opens the page's translation: a face in its place, as `translate --faces` does, else the photo as a whole. */
export async function openTranslation(
  { directions, size, multiple }: PageTranslation,
  onLoaded: LoadListener,
): Promise<OpenTranslation> {
  const translators: Translator[] = [];
  for (const { network } of directions) {
    translators.push(openTranslator(await openNetwork(network, onLoaded)));
  }
  return {
    translate: async (photo, { direction, face }) => {
      const translator = translators[direction];
      if (translator === undefined) throw new Error(`there is no direction ${direction}`);
      const pieces =
        face === undefined
          ? wholePieces(photo, pieceSize(photo, size, multiple))
          : squarePieces(photo, [face], size);
      const started = performance.now();
      const after = await translator.translate(pieces);
      return { pieces, after, ms: performance.now() - started };
    },
  };
}
