import { OptionsError, permutationOf, streamOf } from '@janus/core';
import {
  ageGroupOf,
  FACE_VALUES,
  sampleFace,
  type Face,
  type FaceKey,
} from './attributes.js';

/** A label: text, a number, or nothing. */
export type LabelValue = string | number | null;

/** What is planted in a set of synthetic faces, and how people repeat. */
export interface PlantOptions {
  /** Which faces; default 1. */
  readonly seed?: number;
  /**
   * Wrong labels in a column, as a share of all faces; the truth stands in `<column>_truth`. Default
   * none. No image has a wrong label and another fault.
   */
  readonly labelNoise?: { readonly column: string; readonly rate: number };
  /** Share of images of one colour, 0 to 1; default 0. */
  readonly blankRate?: number;
  /** Share of files that are cut off or no images at all, 0 to 1; default 0. */
  readonly corruptRate?: number;
  /** Share of copies of other images, half byte-identical, half encoded anew; default 0. */
  readonly duplicateRate?: number;
  /** Default 1; more images of a person differ in smile, pose, light, background and clothes. */
  readonly imagesPerPerson?: number;
}

/** What was done to an image on purpose: the values of the column `planted`. */
export type Planted = 'blank' | 'corrupt' | 'duplicate' | 'label-noise';

/** One image to be made. */
export interface PlannedFace {
  readonly id: string;
  readonly face: Face;
  readonly planted: Planted | null;
  /** For one kind in two ways: cut off or garbage, identical or encoded anew. */
  readonly variant: 0 | 1;
  /** The id of the image that this one copies. */
  readonly copyOf: string | null;
  readonly labels: Readonly<Record<string, LabelValue>>;
}

/** The most faces that one set may have. */
const MAX_FACES = 1_000_000;

/**
 * Returns what is drawn for every image of a set, in order.
 *
 * @throws OptionsError when a number is out of range or the noisy column is no named attribute
 */
export function planFaces(count: number, options: PlantOptions = {}): readonly PlannedFace[] {
  const { seed = 1, labelNoise, imagesPerPerson = 1 } = options;
  checkPlan(count, options);
  const faults = plantFaults(count, options);
  const width = Math.max(5, String(count - 1).length);
  const idOf = (i: number): string => `face-${String(i).padStart(width, '0')}`;
  const faceOf = (i: number): FaceKey => ({
    seed,
    person: Math.floor(i / imagesPerPerson),
    image: i % imagesPerPerson,
  });
  // A copy repeats the last image that is whole; before the first one there is the next.
  let whole = faults.findIndex((fault) => fault === null || fault.kind === 'label-noise');
  return faults.map((fault, i): PlannedFace => {
    const kind = fault?.kind ?? null;
    if (kind === null || kind === 'label-noise') whole = i;
    const source = kind === 'duplicate' ? whole : i;
    const face = sampleFace(faceOf(source));
    return {
      id: idOf(i),
      face,
      planted: kind,
      variant: fault?.variant ?? 0,
      copyOf: kind === 'duplicate' ? idOf(whole) : null,
      labels: labelsOf(face, {
        column: labelNoise?.column,
        // Copies carry the label of what they copy, so that they cannot give the truth away.
        wrong: faults[source]?.kind === 'label-noise' ? streamOf(seed, 'wrong', source) : undefined,
      }),
    };
  });
}

function labelsOf(
  { attributes }: Face,
  noise: {
    readonly column: string | undefined;
    readonly wrong: ReturnType<typeof streamOf> | undefined;
  },
): Record<string, LabelValue> {
  const { age, ...named } = attributes;
  const labels: Record<string, LabelValue> = { ...named, age, age_group: ageGroupOf(age) };
  if (noise.column !== undefined) {
    const truth = labels[noise.column] ?? null;
    labels[`${noise.column}_truth`] = truth;
    const others = (FACE_VALUES[noise.column] ?? []).filter((value) => value !== truth);
    if (noise.wrong !== undefined) {
      labels[noise.column] = others[noise.wrong.integer(others.length)] ?? truth;
    }
  }
  return labels;
}

interface Fault {
  readonly kind: Planted;
  readonly variant: 0 | 1;
}

function plantFaults(count: number, options: PlantOptions): readonly (Fault | null)[] {
  const { seed = 1, labelNoise, blankRate = 0, corruptRate = 0, duplicateRate = 0 } = options;
  const order = permutationOf(count, streamOf(seed, 'planted'));
  const faults = Array.from({ length: count }, (): Fault | null => null);
  let next = 0;
  const plant = (kind: Planted, rate: number): void => {
    const many = Math.min(count - next, Math.round(rate * count));
    for (let k = 0; k < many; k++) {
      faults[order[next++] ?? 0] = { kind, variant: k % 2 === 0 ? 0 : 1 };
    }
  };
  plant('blank', blankRate);
  plant('corrupt', corruptRate);
  plant('label-noise', labelNoise?.rate ?? 0);
  plant('duplicate', duplicateRate);
  return faults;
}

function checkPlan(count: number, options: PlantOptions): void {
  const { labelNoise, imagesPerPerson = 1, seed = 1 } = options;
  if (!Number.isInteger(count) || count < 1 || count > MAX_FACES) {
    throw new OptionsError(
      `generate faces: the input is how many faces, a whole number from 1 to ${MAX_FACES}, but got ${count}. Write for example 600.`,
    );
  }
  if (!Number.isInteger(seed)) {
    throw new OptionsError(`generate faces: seed must be a whole number, but got ${seed}. Use 1.`);
  }
  if (!Number.isInteger(imagesPerPerson) || imagesPerPerson < 1) {
    throw new OptionsError(
      `generate faces: imagesPerPerson must be a whole number of at least 1, but got ${imagesPerPerson}. Use 1.`,
    );
  }
  const rates = {
    blankRate: options.blankRate ?? 0,
    corruptRate: options.corruptRate ?? 0,
    duplicateRate: options.duplicateRate ?? 0,
    'labelNoise.rate': labelNoise?.rate ?? 0,
  };
  for (const [name, rate] of Object.entries(rates)) {
    if (!(rate >= 0 && rate <= 1)) {
      throw new OptionsError(
        `generate faces: ${name} must be from 0 to 1, but got ${rate}. It is a share of all faces.`,
      );
    }
  }
  const sum = Object.values(rates).reduce((a, b) => a + b);
  if (sum > 1 || (sum > 0.999 && rates.duplicateRate > 0)) {
    throw new OptionsError(
      `generate faces: rates of blank, corrupt, duplicate and wrongly labelled images must leave some faces whole, but add up to ${sum}. Lower them.`,
    );
  }
  if (labelNoise !== undefined && !(labelNoise.column in FACE_VALUES)) {
    throw new OptionsError(
      `generate faces: wrong labels can be planted in ${Object.keys(FACE_VALUES).join(', ')}, but got ${labelNoise.column}. Choose one of them.`,
    );
  }
}
