/** From run folders to what the page is given. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { DataError, OptionsError, readRun, sidesText } from '@janus/core';
import {
  faceDetectorFiles,
  generatorMultiple,
  headsDescriptionOf,
  imageSides,
  readModelFiles,
  type ClassifierDescription,
  type HeadsDescription,
  type ImageSides,
} from '@janus/models';
import {
  FACE_CROP,
  faceCropOf,
  readClassifierRun,
  readCutRun,
  readCycleGanRun,
  VERSION,
} from '@janus/runs';
import type {
  PageCard,
  PageClassifier,
  PageData,
  PageNetwork,
  PageTranslation,
} from './page-data.js';
import { splitBytes, type PageFile } from './page-parts.js';
import { readCard } from './read-card.js';

/** What the page is given, and the files that hold its weights. */
export interface ReadPage {
  readonly data: PageData;
  readonly files: readonly PageFile[];
}

/** Something of the page with its files and what is said of its limits. */
interface ReadPart<Part> {
  readonly part: Part;
  readonly files: readonly PageFile[];
  readonly card: PageCard;
}

/**
 * Returns what a page of a classifier, and of a translation where one is named, is given.
 *
 * @throws DataError when a folder holds no finished run of its kind; OptionsError when a translation's images are not square
 */
export async function readPageData(run: string, translation?: string): Promise<ReadPage> {
  const classifier = await readClassifier(run);
  const translating = translation === undefined ? undefined : await readTranslation(translation);
  const { file, bytes } = await faceDetectorFiles();
  const detector = splitBytes('detector', bytes);
  const wasm = splitBytes('wasm', await readFile(wasmPath()));
  return {
    data: {
      ...{ name: classifier.card.name, version: VERSION, classifier: classifier.part },
      detector: { file, weights: detector.bytes },
      ...(translating === undefined ? {} : { translation: translating.part }),
      wasm: wasm.bytes,
      cards: [classifier.card, ...(translating === undefined ? [] : [translating.card])],
    },
    files: [
      ...[...classifier.files, ...detector.files],
      ...[...(translating?.files ?? []), ...wasm.files],
    ],
  };
}

/** tfjs's engine for browsers with vector instructions, which all have that load the page. */
function wasmPath(): string {
  const require = createRequire(import.meta.url);
  return require.resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm');
}

async function readClassifier(folder: string): Promise<ReadPart<PageClassifier>> {
  const record = await readClassifierRun(folder);
  const model = join(folder, 'model');
  const { network, files } = await readNetwork('classifier', model);
  const path = join(model, 'janus.json');
  const description = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new DataError(
      `${path}: a classifier needs its description, but this file cannot be read. Finish the run: repeat its command with --resume.`,
      { path, cause: error },
    );
  });
  const crop = (await faceCropOf(record.options.data)) ?? FACE_CROP;
  return {
    part: {
      network,
      description: headsDescriptionOf(
        JSON.parse(description) as ClassifierDescription | HeadsDescription,
      ),
      ...{ crop, options: { ...record.options } },
    },
    files,
    card: await readCard(folder, await readRun(folder)),
  };
}

async function readNetwork(
  name: string,
  folder: string,
): Promise<{ readonly network: PageNetwork; readonly files: readonly PageFile[] }> {
  const { file, weights } = await readModelFiles(folder);
  const { bytes, files } = splitBytes(name, weights);
  return { network: { file, weights: bytes }, files };
}

async function readTranslation(folder: string): Promise<ReadPart<PageTranslation>> {
  const { kind, name } = await readRun(folder);
  if (kind !== 'cyclegan' && kind !== 'cut') {
    throw new DataError(
      `${folder}: --translation must be a cyclegan or cut run, but is a ${kind} run. Name a folder that \`janus train cyclegan\` or \`janus train cut\` made.`,
      { path: folder },
    );
  }
  const { options } =
    kind === 'cyclegan' ? await readCycleGanRun(folder) : await readCutRun(folder);
  const size = squareSide(folder, options);
  const form = 'generator' in options ? options.generator : 'resnet';
  const [x = name, y = name] = name.split(' to ');
  const ways = [
    { title: `${x} to ${y}`, from: x, network: 'G' },
    ...(kind === 'cut' ? [] : [{ title: `${y} to ${x}`, from: y, network: 'F' }]),
  ];
  const read = await Promise.all(
    ways.map(({ network }) => readNetwork(`generator-${network}`, join(folder, 'model', network))),
  );
  return {
    part: {
      ...{ name, size, multiple: generatorMultiple(form, { height: size, width: size }) },
      crop: (await faceCropOf(options.x)) ?? FACE_CROP,
      directions: ways.flatMap(({ title, from }, i) => {
        const network = read[i]?.network;
        return network === undefined ? [] : [{ title, from, network }];
      }),
    },
    files: read.flatMap(({ files }) => files),
    card: await readCard(folder, await readRun(folder)),
  };
}

/**
 * Returns the side of a translation's images.
 *
 * @throws OptionsError when they are not square
 */
export function squareSide(folder: string, options: ImageSides): number {
  const { width, height } = imageSides(options);
  if (width === height) return height;
  throw new OptionsError(
    `${folder}: --translation must be a run of square images, which the page shows, but its images have ${sidesText(width, height)} px. Translate photos with \`janus translate ${folder}\`.`,
  );
}
