/** How label columns become the numbers of a conditional generator, as a run's model keeps it. */
import { z } from 'zod';
import { DataError } from './errors.js';
import { readJsonFile } from './files.js';

/** A class of an attribute: the values of its column that count as it. */
export interface CodedClass {
  /** What a person calls it: its values. */
  readonly title: string;
  /** The commonest first. */
  readonly values: readonly string[];
}

/** How a label column becomes numbers: of two classes one number, 0 or 1; of more a number each, one of them 1. */
export interface AttributeCode {
  readonly column: string;
  readonly classes: readonly CodedClass[];
}

const schema: z.ZodType<{ readonly attributes: readonly AttributeCode[] }> = z.looseObject({
  attributes: z.array(
    z.object({
      column: z.string(),
      classes: z.array(z.object({ title: z.string(), values: z.array(z.string()) })),
    }),
  ),
});

/**
 * Returns what the numbers of a generator mean.
 *
 * @param path `model/janus.json` of its run
 * @throws DataError when there is no such file, or it says nothing of it
 */
export async function readAttributeCodes(path: string): Promise<readonly AttributeCode[]> {
  const found = await readJsonFile(path, schema, 'Train the run again, to its end.');
  if (found !== undefined) return found.attributes;
  throw new DataError(
    `${path}: must say what the generator's numbers mean, but does not exist. Train the run to its end.`,
    { path },
  );
}
