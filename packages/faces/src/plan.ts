import { OptionsError, permutationOf, streamOf } from '@janus/core';
import {
  ageGroupOf,
  changeFace,
  FACE_VALUES,
  sampleFace,
  type Face,
  type FaceKey,
} from './attributes.js';

/** A label; null where it is missing. */
export type LabelValue = string | number | null;

/** The faults planted in a set of generated faces, and how many images each person has. */
export interface PlantOptions {
  /** Integer; default 1. Another seed gives other faces. */
  readonly seed?: number;
  /**
   * Wrong labels in one column, on a share `rate` (0 to 1) of all faces; default none. The correct value
   * is kept in `<column>_truth`. An image with a wrong label has no other fault.
   */
  readonly labelNoise?: { readonly column: string; readonly rate: number };
  /** Share of images of a single colour, half of them grey, 0 to 1; default 0. */
  readonly blankRate?: number;
  /** Share of files that are truncated or not images at all, 0 to 1; default 0. */
  readonly corruptRate?: number;
  /** Share of copies of other images, half byte-identical, half re-encoded, 0 to 1; default 0. */
  readonly duplicateRate?: number;
  /** Default 1. Images of one person differ in smile, pose, lighting, background and clothes. */
  readonly imagesPerPerson?: number;
  /**
   * An attribute in which each intact face is drawn a second time, with the next of its values: pairs, which the label
   * `pair` tells. Default none.
   */
  readonly twins?: string;
}

/** A fault planted on purpose: a value of the column `planted`. */
export type Planted = 'blank' | 'corrupt' | 'duplicate' | 'label-noise';

/** One image of a set, before it is rendered. */
export interface PlannedFace {
  /** `face-00000`, counted from 0; a twin has that of its face with `-twin` after it. */
  readonly id: string;
  readonly face: Face;
  /** The face by which the image is framed: of a twin, the one that it is the twin of, so that both are cropped alike. */
  readonly framedBy: Face;
  /** The fault that was planted; null for none. */
  readonly planted: Planted | null;
  /**
   * Which form the fault takes: `blank` grey (0) or coloured (1), `corrupt` truncated (0) or random bytes
   * (1), `duplicate` byte-identical (0) or re-encoded (1).
   */
  readonly variant: 0 | 1;
  /** The id of the image that a duplicate copies; null for all others. */
  readonly copyOf: string | null;
  /** Label columns of the manifest row, wrong where `planted` is `label-noise`. */
  readonly labels: Readonly<Record<string, LabelValue>>;
}

/** Largest set: ids and plans of a million faces still fit in memory. */
const MAX_FACES = 1_000_000;

/**
 * Plans every image of a set, in order: its face, its labels and its planted fault.
 *
 * @param count number of images, 1 to 1,000,000; with `twins` that of faces, each followed by its twin
 * @throws OptionsError when a number is out of range, or labels are to be wrong or twins to differ in a column that is
 * not a named attribute
 */
export function planFaces(count: number, options: PlantOptions = {}): readonly PlannedFace[] {
  const { seed = 1, labelNoise, imagesPerPerson = 1, twins } = options;
  checkPlan(count, options);
  const faults = plantFaults(count, options);
  const width = Math.max(5, String(count - 1).length);
  const idOf = (i: number): string => `face-${String(i).padStart(width, '0')}`;
  const faceOf = (i: number): FaceKey => ({
    seed,
    person: Math.floor(i / imagesPerPerson),
    image: i % imagesPerPerson,
  });
  // A duplicate copies the last intact image, or the first one where none came before.
  let whole = faults.findIndex((fault) => fault === null || fault.kind === 'label-noise');
  const plans = faults.map((fault, i): PlannedFace => {
    const kind = fault?.kind ?? null;
    if (kind === null || kind === 'label-noise') whole = i;
    const source = kind === 'duplicate' ? whole : i;
    const face = sampleFace(faceOf(source));
    return {
      id: idOf(i),
      face,
      framedBy: face,
      planted: kind,
      variant: fault?.variant ?? 0,
      copyOf: kind === 'duplicate' ? idOf(whole) : null,
      labels: labelsOf(face, {
        column: labelNoise?.column,
        // A duplicate carries the label of its original: a correct one would reveal the truth.
        wrong: faults[source]?.kind === 'label-noise' ? streamOf(seed, 'wrong', source) : undefined,
      }),
    };
  });
  return twins === undefined ? plans : plans.flatMap((plan) => withTwin(plan, twins));
}

/** Returns a plan and that of its twin, both with the label `pair`; an image with a fault has none. */
function withTwin(plan: PlannedFace, column: string): readonly PlannedFace[] {
  const { id, face, labels, planted } = plan;
  if (planted !== null) return [{ ...plan, labels: { ...labels, pair: null } }];
  const values = FACE_VALUES[column] ?? [];
  const value = values[(values.indexOf(String(labels[column])) + 1) % values.length];
  const other = changeFace(face, { [column]: value });
  const noise = `${column}_truth` in labels ? { [`${column}_truth`]: value ?? null } : {};
  return [
    { ...plan, labels: { ...labels, pair: id } },
    {
      ...{ ...plan, id: `${id}-twin`, face: other },
      labels: { ...labels, [column]: value ?? null, ...noise, pair: id },
    },
  ];
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
  const { labelNoise, imagesPerPerson = 1, seed = 1, twins } = options;
  if (!Number.isInteger(count) || count < 1 || count > MAX_FACES) {
    throw new OptionsError(
      `generate faces: count must be a whole number from 1 to ${MAX_FACES}, but got ${count}. Use 600, for example.`,
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
        `generate faces: ${name} must be from 0 to 1, but got ${rate}. Give it as a share of all faces.`,
      );
    }
  }
  const sum = Object.values(rates).reduce((a, b) => a + b);
  if (sum > 1 || (sum > 0.999 && rates.duplicateRate > 0)) {
    throw new OptionsError(
      `generate faces: the rates of blank, corrupt, duplicate and mislabelled images must leave some faces intact, but add up to ${sum}. Lower them.`,
    );
  }
  for (const [name, column] of Object.entries({ 'labelNoise.column': labelNoise?.column, twins })) {
    if (column === undefined || column in FACE_VALUES) continue;
    throw new OptionsError(
      `generate faces: ${name} must be one of ${Object.keys(FACE_VALUES).join(', ')}, but got ${column}. Choose one of these.`,
    );
  }
}
