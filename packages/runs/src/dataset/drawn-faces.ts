/** The faces that a data folder of generated faces was drawn from. */
import type { DatasetRecord } from '@janus/data';
import { planFaces, type PlannedFace, type PlantOptions } from '@janus/faces';

/** What `generateFaces` records of its options. */
interface Recorded extends PlantOptions {
  readonly count: number;
  readonly size: number;
  readonly format: 'jpeg' | 'png';
}

/** How the images of a data set were drawn. */
export interface DrawnFaces {
  /** By manifest id. */
  readonly plans: ReadonlyMap<string, PlannedFace>;
  /** What each was rendered to, before any crop: side in pixels. */
  readonly image: Pick<Recorded, 'size' | 'format'>;
}

/** Returns how the images of a data set were drawn; undefined where they are not generated faces. */
export function drawnFacesOf({ labelling, options }: DatasetRecord): DrawnFaces | undefined {
  const { count, size, format, ...plant } = options as Partial<Recorded>;
  const isDrawn =
    labelling?.kind === 'drawn' &&
    count !== undefined &&
    size !== undefined &&
    format !== undefined;
  if (!isDrawn) return undefined;
  const plans = planFaces(count, plant);
  return { plans: new Map(plans.map((plan) => [plan.id, plan])), image: { size, format } };
}
