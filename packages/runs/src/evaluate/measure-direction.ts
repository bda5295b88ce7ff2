/** Measures one direction of a translation. */
import {
  accuracyOf,
  type CycleEvaluation,
  type DirectionEvaluation,
  type Interval,
  type Reporter,
} from '@janus/core';
import {
  imageDistances,
  peakSignalToNoise,
  structuralSimilarity,
  type SizedImages,
} from '@janus/models';
import { bytesOf, type Sides } from '@janus/images';
import type { writeFakes } from '../cyclegan/samples.js';
import type { AttributeTeller } from './attribute-teller.js';
import { driftBetween, driftOf, mergedDrift, type DirectionDrift, type Drift } from './drift.js';
import { judgementOf, type Judge } from './judge.js';
import { twinMeasures, type JudgedImages, type TwinMeasures } from './twin-measures.js';
import type { Twins } from './twins.js';

/** Columns of Figure 6. */
const SHOWN = 10;

/** A domain's images with their title. */
export interface DomainImages extends SizedImages {
  readonly title: string;
  /** The person of each image; its id where the data does not say who is shown. */
  readonly people: readonly string[];
  /** On generated faces, the twins that the images are to become. */
  readonly twins?: Twins | undefined;
}

/** What a direction makes, and how it fared. */
export interface MeasuredDirection {
  readonly result: DirectionEvaluation;
  /** uint8 [N, size, width, 3]. */
  readonly fakes: Uint8Array;
  /** The fakes translated back, where something does: uint8 [N, size, width, 3]. */
  readonly cycled?: Uint8Array;
  readonly figure: Parameters<typeof writeFakes>[1];
}

/** Translates images of the size that a run has: uint8 [N, size, width, 3] -> the same shape. */
export type Translate = (images: Uint8Array) => Promise<Uint8Array>;

/** A direction: what is translated, how, and who judges it. */
export interface Direction extends Sides {
  readonly from: DomainImages;
  readonly to: DomainImages;
  readonly forward: Translate;
  /** What translates back; absent where nothing does. */
  readonly backward?: Translate | undefined;
  readonly reporter: Reporter;
  /** Ends the work between batches: its reason is thrown. */
  readonly signal?: AbortSignal | undefined;
  readonly judge?: Judge;
  /** Those that tell what else changed; none where it is not asked for. */
  readonly tellers: readonly AttributeTeller[];
  /** Attributes that the translation is to change. */
  readonly changed: readonly string[];
}

/** Translates a domain's images, and back where something does, and measures what came out. */
export async function measureDirection(direction: Direction): Promise<MeasuredDirection> {
  const { from, to, forward, backward, size, width } = direction;
  const { pixels, count, people, twins: drawn } = from;
  const translated = await forward(pixels);
  const cycled = backward && (await backward(translated));
  const kept = await forward(to.pixels);
  const fakes = await judged(direction, { pixels: translated, count }, `fakes of ${from.title}`);
  const originals = await judged(direction, { pixels, count }, `images of ${from.title}`);
  const ideal =
    drawn === undefined
      ? undefined
      : await judged(direction, drawn.images, `twins of ${from.title}`);
  const twins =
    drawn === undefined || ideal === undefined
      ? undefined
      : twinMeasures(drawn, { originals, fakes, twins: ideal }, to.title);
  const drift = await driftIn(direction, { originals, fakes, twins: ideal });
  const share = ({ judgement }: JudgedImages): Interval | undefined =>
    judgement &&
    accuracyOf(
      judgement.classes.map((value) => value === to.title),
      people,
    );
  const shown = Math.min(SHOWN, count) * bytesOf({ size, width });
  const captions = fakes.judgement?.classes.slice(0, Math.min(SHOWN, count));
  return {
    fakes: translated,
    ...(cycled === undefined ? {} : { cycled }),
    result: {
      n: count,
      judgedAsTarget: share(fakes),
      originalsJudgedAsTarget: share(originals),
      ...(fakes.judgement === undefined && drift === undefined
        ? {}
        : { intervalMethod: new Set(people).size < count ? 'bootstrap over people' : 'Wilson' }),
      ...(cycled === undefined
        ? {}
        : {
            cycleL1: mean(imageDistances(cycled, pixels, count)),
            cycle: cycleOf({ ...from, pixels: cycled }, from),
          }),
      changeL1: mean(imageDistances(translated, pixels, count)),
      identityL1: mean(imageDistances(kept, to.pixels, to.count)),
      ...(drift === undefined ? {} : inRecord(drift.drift)),
      ...(twins === undefined ? {} : withDrift(twins, drift?.twins)),
    },
    figure: {
      ...{ size, width },
      originals: pixels.slice(0, shown),
      fakes: translated.slice(0, shown),
      title: `${from.title} to ${to.title}`,
      ...(captions === undefined ? {} : { captions }),
    },
  };
}

/** Returns what else the fakes changed, as the judge's other targets and the tellers see it; undefined where nobody tells. */
async function driftIn(
  { from, tellers, changed, signal }: Direction,
  {
    originals,
    fakes,
    twins,
  }: Record<'originals' | 'fakes', JudgedImages> & {
    readonly twins: JudgedImages | undefined;
  },
): Promise<DirectionDrift | undefined> {
  const [before, after] = [originals.judgement?.others, fakes.judgement?.others];
  const ideal = twins?.judgement?.others;
  const seen =
    before === undefined || after === undefined || Object.keys(before).length === 0
      ? []
      : [
          driftBetween(
            {
              ...{ originals: before, fakes: after, people: from.people },
              ...(ideal === undefined || from.twins === undefined
                ? {}
                : { twins: { told: ideal, places: from.twins.places } }),
            },
            changed,
          ),
        ];
  if (tellers.length === 0) return seen[0];
  const images = {
    originals: from,
    fakes: { ...from, pixels: fakes.pixels },
    twins: from.twins,
    people: from.people,
    signal,
  };
  return mergedDrift([...seen, await driftOf(tellers, images, changed)]);
}

function withDrift(measures: TwinMeasures, drift: Drift | undefined): TwinMeasures {
  return drift === undefined
    ? measures
    : { ...measures, twins: { ...measures.twins, ...inRecord(drift) } };
}

/** Returns a drift as an evaluation has it: shares, and their ranges beside them. */
function inRecord(drift: Drift): Pick<DirectionEvaluation, 'drift' | 'driftRanges'> {
  const each = <Value>(of: (share: Interval) => Value): Readonly<Record<string, Value>> =>
    Object.fromEntries(Object.entries(drift).map(([attribute, share]) => [attribute, of(share)]));
  return {
    drift: each(({ value }) => value),
    driftRanges: each(({ low, high }) => ({ low, high })),
  };
}

/** Returns images with what the judge makes of them, where there is one. */
async function judged(
  { judge, reporter, size, width, signal }: Direction,
  images: Pick<SizedImages, 'pixels' | 'count'>,
  of: string,
): Promise<JudgedImages> {
  const { pixels, count } = images;
  if (judge === undefined) return { pixels };
  const label = `judging, ${of}`;
  const sized = { pixels, count, size, width };
  return { pixels, judgement: await judgementOf(judge, sized, { reporter, label, signal }) };
}

/** A window of structural similarity must fit in. */
const MIN_WINDOW_PX = 11;

/** Returns how like the originals images are after both translations, as far as pixels tell. */
function cycleOf(cycled: SizedImages, originals: SizedImages): CycleEvaluation {
  const { size, width = size } = originals;
  const psnr = mean(peakSignalToNoise(cycled, originals));
  return {
    ...(Number.isFinite(psnr) ? { psnr } : {}),
    ...(Math.min(size, width) < MIN_WINDOW_PX
      ? {}
      : { ssim: mean(structuralSimilarity(cycled, originals)) }),
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
