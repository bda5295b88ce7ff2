/**
 * How well and how fast faces are found in real images: portraits (congress), images whose middle shows whom
 * they are about (FairFace), and horses (horse2zebra), where nearly all that is found is wrong:
 *
 *     node --import tsx --conditions=@janus/source benchmarks/faces.ts [--data ../shared/data] [--engine wasm]
 *
 * What another detector found is counted in the same way: `--found ssd:fairface=<file>`, a JSON list of
 * `{ w, h, boxes: [{ x1, y1, x2, y2, score }] }` in pixels, one entry an image of that set.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OptionsError, type DetectFaces, type FaceBox } from '@janus/core';
import { cropDataset, importFolder } from '@janus/data';
import { useEngine } from '@janus/engine';
import { loadFaceDetector } from '@janus/models';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: process.env['JANUS_REAL_DATA'] ?? '../shared/data' },
    engine: { type: 'string', default: 'auto' },
    set: { type: 'string', multiple: true },
    found: { type: 'string', multiple: true, default: [] },
  },
});

const SETS: Readonly<Record<string, string>> = {
  congress: 'congress/photos/images/*/*.jpg',
  fairface: 'fairface/*/*.jpg',
  horses: 'horse2zebra/*A/*.jpg',
};

/** Least sure and shortest side in pixels of what counts. */
const COUNTED = [
  [0.5, 1],
  [0.5, 32],
  [0.6, 1],
  [0.6, 32],
  [0.7, 1],
  [0.7, 32],
] as const;

/** Boxes below it are not kept; which of those above it overlap does not depend on those below. */
const MIN_SCORE = 0.5;

/** Images that the detector alone is timed with, so often. */
const TIMED = { images: 64, rounds: 5 } as const;

interface Looked {
  readonly w: number;
  readonly h: number;
  readonly boxes: readonly FaceBox[];
}

const sideOf = ({ x1, y1, x2, y2 }: FaceBox): number => Math.max(x2 - x1, y2 - y1);

const inMiddle = ({ w, h }: Looked, box: FaceBox | undefined): boolean =>
  box !== undefined && box.x1 < w / 2 && box.x2 > w / 2 && box.y1 < h / 2 && box.y2 > h / 2;

function countFaces(looked: readonly Looked[], score: number, side: number): string {
  const faces = looked.map(({ boxes }) =>
    boxes.filter((box) => box.score >= score && sideOf(box) >= side),
  );
  const count = (rule: (faces: readonly FaceBox[], image: Looked) => boolean): number =>
    looked.filter((image, i) => rule(faces[i] ?? [], image)).length;
  const several = ({ length }: readonly FaceBox[]): boolean => length > 1;
  const largest = (boxes: readonly FaceBox[]): FaceBox | undefined =>
    [...boxes].sort((a, b) => sideOf(b) - sideOf(a))[0];
  return [
    `score ${score}, side ${side} px`,
    `one ${count(({ length }) => length === 1)}`,
    `none ${count(({ length }) => length === 0)}`,
    `several ${count(several)}`,
    `one in the middle ${count((boxes, image) => boxes.some((box) => inMiddle(image, box)))}`,
    `of several, the largest is in the middle ${count((boxes, image) => several(boxes) && inMiddle(image, largest(boxes)))}`,
    `the surest ${count((boxes, image) => several(boxes) && inMiddle(image, boxes[0]))}`,
  ].join(', ');
}

function print(name: string, looked: readonly Looked[], speed = ''): void {
  process.stdout.write(`${name}: ${looked.length} images${speed}\n`);
  for (const [score, side] of COUNTED) {
    process.stdout.write(`  ${countFaces(looked, score, side)}\n`);
  }
}

/** Returns images a second of the detector alone, all asked for at once. */
async function detectorRate(
  detect: DetectFaces,
  images: readonly (readonly [Uint8Array, number, number])[],
): Promise<number> {
  const began = performance.now();
  for (let round = 0; round < TIMED.rounds; round++) {
    await Promise.all(images.map((image) => detect(...image)));
  }
  return (1000 * TIMED.rounds * images.length) / (performance.now() - began);
}

async function look(name: string, pattern: string, detect: DetectFaces): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-faces-'));
  try {
    const out = join(folder, name);
    await importFolder(join(values.data, pattern), { out });
    const looked: Looked[] = [];
    const kept: (readonly [Uint8Array, number, number])[] = [];
    const { cropped, seconds } = await cropDataset(out, {
      by: 'face',
      withoutFace: 'keep',
      severalFaces: 'surest',
      detect: async (pixels, w, h) => {
        const boxes = await detect(pixels, w, h);
        looked.push({ w, h, boxes });
        if (kept.length < TIMED.images) kept.push([pixels.slice(), w, h]);
        return boxes;
      },
    });
    const alone = await detectorRate(detect, kept);
    const rates = `, ${(cropped / seconds).toFixed(0)}/s to crop, ${alone.toFixed(0)}/s to find faces`;
    print(name, looked, rates);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const { line } = await useEngine({ engine: engineOf(values.engine) });
process.stdout.write(`${line}\n`);
const detector = await loadFaceDetector({ minScore: MIN_SCORE });
// The first run records the network.
await detector.detect(new Uint8Array(3), 1, 1);
for (const [name, pattern] of Object.entries(SETS)) {
  if (values.set === undefined || values.set.includes(name)) {
    await look(name, pattern, detector.detect);
  }
}
detector.dispose();
for (const found of values.found) {
  const [name = '', file = ''] = found.split('=');
  print(name, JSON.parse(await readFile(file, 'utf8')) as readonly Looked[]);
}

function engineOf(name: string): 'auto' | 'tensorflow' | 'wasm' | 'js' {
  if (name === 'auto' || name === 'tensorflow' || name === 'wasm' || name === 'js') return name;
  throw new OptionsError(
    `--engine: must be auto, tensorflow, wasm or js, but got ${name}. Leave it out.`,
  );
}
