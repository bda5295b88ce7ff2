/** Names of classes of one data set, found in another. */
import { OptionsError } from '@janus/core';

/** Classes that were found. */
export interface MappedClasses {
  /** The run's class number of each class of the data; -1 where it has none. */
  readonly labels: readonly number[];
  /** The data's names, by the run's. */
  readonly names: Readonly<Record<string, string>>;
}

const plain = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();

/**
 * Finds the classes of a run among those of a data set: by the names that are given, else by equal names, letter case,
 * hyphens and underscores aside.
 *
 * @param classes of the run
 * @param found of the data set
 * @throws OptionsError when a name that is given is unknown to either side, or no class is found
 */
export function mapClasses(
  classes: readonly string[],
  found: readonly string[],
  context: {
    readonly place: string;
    readonly column: string;
    /** The data's names by the run's. */
    readonly names?: Readonly<Record<string, string>>;
  },
): MappedClasses {
  const { place, column, names = {} } = context;
  for (const [own, other] of Object.entries(names)) {
    if (classes.includes(own) && found.includes(other)) continue;
    throw new OptionsError(
      `--classes: must name a class of the run (${classes.join(', ')}) and one of the data's ${column} (${found.join(', ')}), but got ${own}=${other}. Write for example ${classes[0] ?? ''}=${found[0] ?? ''}.`,
    );
  }
  const labels = found.map((value) => {
    const named = Object.entries(names).find(([, other]) => other === value)?.[0];
    if (named !== undefined) return classes.indexOf(named);
    return classes.findIndex((own) => !(own in names) && plain(own) === plain(value));
  });
  if (labels.every((label) => label < 0)) {
    throw new OptionsError(
      `${place}: none of its classes of ${column} (${found.join(', ')}) is one of the run's (${classes.join(', ')}). Say which is which with --classes ${classes[0] ?? ''}=${found[0] ?? ''},..., or choose another column with --target.`,
    );
  }
  return {
    labels,
    names: Object.fromEntries(
      found.flatMap((value, i) => {
        const own = classes[labels[i] ?? -1];
        return own === undefined ? [] : [[own, value]];
      }),
    ),
  };
}
