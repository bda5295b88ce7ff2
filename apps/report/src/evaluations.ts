/** What `janus evaluate` left in a run's folder. */
import { readFile } from 'node:fs/promises';
import { DataError, type Interval } from '@janus/core';
import { z } from 'zod';

/** How one class fared. */
interface ClassRow {
  readonly n: number;
  readonly recall: Interval;
  readonly precision?: number | Interval | null | undefined;
}

/** An image that was taken for another class. */
export interface Mistake {
  readonly id: string;
  readonly label: string;
  readonly predicted: string;
  readonly confidence: number;
}

/** Evaluation of a classifier on a split. */
export interface ClassifierEvaluation {
  readonly kind: 'classifier';
  readonly target: string;
  readonly classes: readonly string[];
  readonly n: number;
  readonly accuracy: Interval;
  readonly balancedAccuracy: Interval;
  readonly perClass: Readonly<Record<string, ClassRow>>;
  readonly confusion: readonly (readonly number[])[];
  readonly intervalMethod: string;
  readonly calibrationError?: number | undefined;
  readonly mistakes?: readonly Mistake[] | undefined;
  readonly split: string;
}

/** Evaluation of one direction of a translation; more measures may stand beside these. */
export interface DirectionEvaluation {
  readonly n: number;
  /** Absent where no classifier judged. */
  readonly judgedAsTarget?: Interval | undefined;
  readonly [measure: string]: unknown;
}

/** Evaluation of a CycleGAN. */
export interface CycleGanEvaluation {
  readonly kind: 'cyclegan';
  readonly domains: { readonly x: string; readonly y: string };
  readonly xToY: DirectionEvaluation;
  readonly yToX: DirectionEvaluation;
  readonly judge: string;
}

/** Either of the two. */
export type Evaluation = ClassifierEvaluation | CycleGanEvaluation;

const interval: z.ZodType<Interval> = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number(),
});

const classifierSchema: z.ZodType<ClassifierEvaluation> = z
  .object({
    kind: z.literal('classifier'),
    target: z.string(),
    classes: z.array(z.string()).min(2),
    n: z.number(),
    accuracy: interval,
    balancedAccuracy: interval,
    perClass: z.record(
      z.string(),
      z.object({
        n: z.number(),
        recall: interval,
        precision: z.union([z.number(), interval]).nullish(),
      }),
    ),
    confusion: z.array(z.array(z.number())),
    intervalMethod: z.string(),
    calibrationError: z.number().optional(),
    mistakes: z
      .array(
        z.object({
          id: z.string(),
          label: z.string(),
          predicted: z.string(),
          confidence: z.number(),
        }),
      )
      .optional(),
    split: z.string(),
  })
  .refine(
    ({ classes, confusion }) =>
      confusion.length === classes.length &&
      confusion.every((row) => row.length === classes.length),
    { path: ['confusion'], message: 'must have one row and one column a class' },
  );

const directionSchema: z.ZodType<DirectionEvaluation> = z.looseObject({
  n: z.number(),
  judgedAsTarget: interval.optional(),
});

const cycleGanSchema: z.ZodType<CycleGanEvaluation> = z.object({
  kind: z.literal('cyclegan'),
  domains: z.object({ x: z.string(), y: z.string() }),
  xToY: directionSchema,
  yToX: directionSchema,
  judge: z.string(),
});

/**
 * Returns the value in a JSON file, `undefined` when there is no such file.
 *
 * @throws DataError when it is not JSON, or not of the schema
 */
export async function readJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  wayOut: string,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DataError(`${path}: must be a readable file. ${wayOut}`, { path, cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DataError(`${path}: must be JSON, but it is not. ${wayOut}`, { path, cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new DataError(
    `${path}: ${issue === undefined || issue.path.length === 0 ? 'it' : issue.path.join('.')} is not as it should be: ${issue?.message ?? 'unknown'}. ${wayOut}`,
    { path },
  );
}

/** Returns the evaluation of a run, `undefined` before it was evaluated. */
export async function readEvaluation(
  path: string,
  kind: Evaluation['kind'],
): Promise<Evaluation | undefined> {
  const wayOut = 'Evaluate the run again: `janus evaluate <run>`.';
  const schema: z.ZodType<Evaluation> = kind === 'classifier' ? classifierSchema : cycleGanSchema;
  return readJsonFile(path, schema, wayOut);
}
