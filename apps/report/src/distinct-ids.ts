/** Ids of things on the page that may have the same name. */

const slug = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]+/g, '-');

/**
 * Returns an id for each item: the first of its names that no other item has in that place, else the last one with a number.
 *
 * @param namesOf from the shortest to the longest: `table1`, `table1-congress`, `table1-congress-gender`
 */
export function distinctIds<Item>(
  items: readonly Item[],
  namesOf: (item: Item) => readonly string[],
): ReadonlyMap<Item, string> {
  const names = items.map((item) => namesOf(item).map(slug));
  const ids = new Map<Item, string>();
  const counts = new Map<string, number>();
  items.forEach((item, i) => {
    const own = names[i] ?? [];
    const only = own.find((name, level) =>
      names.every((each, j) => j === i || each[level] !== name),
    );
    const name = only ?? own.at(-1) ?? '';
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    ids.set(item, count === 1 ? name : `${name}-${count}`);
  });
  return ids;
}
