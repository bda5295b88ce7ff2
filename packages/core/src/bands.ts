/** Words for ages, from young to old, as data sets use them. */
const AGE_WORDS = [
  'infant',
  'baby',
  'toddler',
  'child',
  'teen',
  'youth',
  'young',
  'adult',
  'middle',
  'senior',
  'old',
  'elder',
];

/** Returns a band's sort key: its first number (0.5 less for `under 18`), or the position of its word. */
function placeOf(band: string): number {
  const number = /\d+(\.\d+)?/.exec(band);
  if (number !== null)
    return Number(number[0]) - (/^\s*(<|under|below|less)/i.test(band) ? 0.5 : 0);
  const word = AGE_WORDS.findIndex((each) => band.toLowerCase().startsWith(each));
  return word < 0 ? Infinity : word;
}

/**
 * Returns the names of bands from low to high: by their first number (`3-9` before `10-19` before
 * `more than 70`) or by words for ages (`child` before `adult`); all others last, alphabetically.
 */
export function bandsInOrder(bands: readonly string[]): readonly string[] {
  return [...bands].sort((a, b) => {
    const [x, y] = [placeOf(a), placeOf(b)];
    return x === y ? (a < b ? -1 : 1) : x - y;
  });
}

const AGE_NAME = /^(ages?|age[_ ]?(group|band|range|class)|.*[_ ]age)$/i;
const BIRTH_NAME = /^(born|birth|birth[_ ]?year|year[_ ]of[_ ]birth)$/i;

/** Returns whether a column, judged by its name, holds ages or years of birth; `undefined` for neither. */
export function ageColumnKind(name: string): 'age' | 'birth' | undefined {
  if (AGE_NAME.test(name)) return 'age';
  return BIRTH_NAME.test(name) ? 'birth' : undefined;
}

/** Returns whether all values look like bands: each has a number or starts with a word for an age. */
export function areBands(values: readonly string[]): boolean {
  return values.length > 0 && values.every((value) => Number.isFinite(placeOf(value)));
}
