/** Measures one direction of a translation. */
import {
  wilsonInterval,
  type DirectionEvaluation,
  type Interval,
  type Reporter,
} from '@janus/core';
import type { Precision } from '@janus/engine';
import { imageDistances, translate, type SquareImages } from '@janus/models';
import type * as tf from '@tensorflow/tfjs';
import type { writeFakes } from '../cyclegan/samples.js';
import { judgementOf, type Judge } from './judge.js';
import { twinMeasures, type JudgedImages } from './twin-measures.js';
import type { Twins } from './twins.js';

/** Columns of Figure 6. */
const SHOWN = 10;

/** A domain's images with their title. */
export interface DomainImages extends SquareImages {
  readonly title: string;
  /** On generated faces, the twins that the images are to become. */
  readonly twins?: Twins | undefined;
}

/** What a direction makes, and how it fared. */
export interface MeasuredDirection {
  readonly result: DirectionEvaluation;
  /** uint8 [N, size, size, 3]. */
  readonly fakes: Uint8Array;
  readonly figure: Parameters<typeof writeFakes>[1];
}

/** A direction: what is translated, by which networks, and who judges it. */
export interface Direction {
  readonly from: DomainImages;
  readonly to: DomainImages;
  readonly forward: tf.LayersModel;
  readonly backward: tf.LayersModel;
  /** Side in pixels. */
  readonly size: number;
  /** What the generators compute in. */
  readonly precision: Precision;
  readonly reporter: Reporter;
  readonly judge?: Judge;
}

/** Translates a domain's images, back again, and measures what came out. */
export async function measureDirection(direction: Direction): Promise<MeasuredDirection> {
  const { from, to, forward, backward, size, precision } = direction;
  const { pixels, count, twins: drawn } = from;
  const through = (model: tf.LayersModel, images: Uint8Array): Promise<Uint8Array> =>
    translate(model, { images, height: size, width: size }, { precision });
  const translated = await through(forward, pixels);
  const cycled = await through(backward, translated);
  const fakes = await judged(direction, { pixels: translated, count }, `fakes of ${to.title}`);
  const originals = await judged(direction, { pixels, count }, `images of ${from.title}`);
  const twins =
    drawn === undefined
      ? {}
      : twinMeasures(
          drawn,
          {
            ...{ originals, fakes },
            twins: await judged(direction, drawn.images, `twins of ${from.title}`),
          },
          to.title,
        );
  const share = ({ judgement }: JudgedImages): Interval | undefined => {
    const hits = judgement?.classes.filter((value) => value === to.title).length;
    return hits === undefined ? undefined : wilsonInterval(hits, count);
  };
  const shown = Math.min(SHOWN, count) * size * size * 3;
  const captions = fakes.judgement?.classes.slice(0, Math.min(SHOWN, count));
  return {
    fakes: translated,
    result: {
      n: count,
      judgedAsTarget: share(fakes),
      originalsJudgedAsTarget: share(originals),
      cycleL1: mean(imageDistances(cycled, pixels, count)),
      changeL1: mean(imageDistances(translated, pixels, count)),
      ...twins,
    },
    figure: {
      size,
      originals: pixels.slice(0, shown),
      fakes: translated.slice(0, shown),
      title: `${from.title} to ${to.title}`,
      ...(captions === undefined ? {} : { captions }),
    },
  };
}

/** Returns images with what the judge makes of them, where there is one. */
async function judged(
  { judge, reporter, size }: Direction,
  images: Omit<SquareImages, 'size'>,
  of: string,
): Promise<JudgedImages> {
  const { pixels } = images;
  if (judge === undefined) return { pixels };
  const label = `judging, ${of}`;
  return { pixels, judgement: await judgementOf(judge, { ...images, size }, { reporter, label }) };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
