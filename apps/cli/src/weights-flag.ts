import { InvalidArgumentError } from 'commander';
import { listOf } from './flags.js';

/** Reads `a=1,b=0.5` as weights by name; anything else is a usage error. */
export function namedWeights(text: string): Readonly<Record<string, number>> {
  const pairs = listOf(text).map((piece): [string, number] => {
    const at = piece.lastIndexOf('=');
    const weight = Number(piece.slice(at + 1));
    if (at < 1 || piece.slice(at + 1).trim() === '' || !(weight >= 0 && weight < Infinity)) {
      throw new InvalidArgumentError('must be <name>=<number of at least 0>, with commas between.');
    }
    return [piece.slice(0, at).trim(), weight];
  });
  if (pairs.length === 0) throw new InvalidArgumentError('must name a weight, such as age=0.5.');
  return Object.fromEntries(pairs);
}
