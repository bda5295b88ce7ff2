/** Rules of X-Robots-Tag that forbid the use of an image in a data set. */
const FORBIDDING: ReadonlySet<string> = new Set([
  'noai',
  'noimageai',
  'noindex',
  'noimageindex',
  'none',
]);

/** Rules with a value after a colon, which must not be mistaken for the name of a robot. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  'unavailable_after',
  'max-snippet',
  'max-image-preview',
  'max-video-preview',
]);

/** Returns the name by which robots' rules address a user agent: its first word, up to a slash. */
export function robotName(userAgent: string): string {
  return (/^[^\s/]+/.exec(userAgent)?.[0] ?? '').toLowerCase();
}

/**
 * Returns whether `X-Robots-Tag` forbids `robot` to take an image: `noai`, `noimageai`, `noindex`,
 * `noimageindex` or `none`, addressed to every robot or to this one. A robot's name before a colon applies to the rest
 * of its header line, or up to the next name.
 *
 * @param lines the values of the header, one for each time it was sent
 * @param robot in lower case
 */
export function forbidsUse(lines: readonly string[], robot: string): boolean {
  return lines.some((line) => {
    let applies = true;
    return line.split(',').some((piece) => {
      let rule = piece.trim().toLowerCase();
      const colon = rule.indexOf(':');
      if (colon >= 0 && !WITH_VALUE.has(rule.slice(0, colon).trim())) {
        applies = rule.slice(0, colon).trim() === robot;
        rule = rule.slice(colon + 1).trim();
      }
      return applies && FORBIDDING.has(rule);
    });
  });
}
