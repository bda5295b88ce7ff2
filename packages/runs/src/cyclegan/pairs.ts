/** The images that a run trains on: of two sets, or of pairs. */
import { readFile } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { DataError, OptionsError } from '@janus/core';
import { openDataset } from '@janus/data';
import type { StoredImage } from '../parts.js';
import { openDomain, sampled, sampledDomain, type Domain } from './domains.js';
import type { CycleGanRunOptions } from './options.js';

/** The domains of a run. */
interface Domains {
  readonly x: Domain;
  readonly y: Domain;
}

/** What {@link trainingSides} takes of a run's options. */
export type TrainingSidesOptions = Pick<CycleGanRunOptions, 'x' | 'y' | 'seed'> &
  Partial<Pick<CycleGanRunOptions, 'trainImages' | 'pairs' | 'paired'>>;

/**
 * Returns the training images of both domains. With `pairs`, those that have a pair, at the same places of both lists.
 *
 * @throws DataError when a domain has no images, or no image has a pair; OptionsError when only one of `pairs` and `paired` is
 * given
 */
export async function trainingSides(options: TrainingSidesOptions): Promise<Domains> {
  const { pairs, paired = false } = options;
  if (paired !== (pairs !== undefined)) {
    throw new OptionsError(
      paired
        ? 'train: paired needs pairs, but they are not named. Say which images belong together (--pairs).'
        : `train: pairs (${String(pairs)}) need paired, but it is false. Set it to true.`,
    );
  }
  const x = await openDomain(options.x, 'train');
  const y = await openDomain(options.y, 'train');
  if (pairs === undefined) return { x: sampledDomain(x, options), y: sampledDomain(y, options) };
  const found = await pairsOf({ x, y }, pairs);
  if (found.length === 0) {
    throw new DataError(
      `${pairs}: must tell which images of ${options.x} and ${options.y} belong together, but no two do. Name a column with one value a pair, a list with the columns x and y, or name for files of one name.`,
      { path: pairs },
    );
  }
  const chosen = sampled(found, options, ([own]) => own.id);
  return {
    x: { ...x, items: chosen.map(([own]) => own) },
    y: { ...y, items: chosen.map(([, other]) => other) },
  };
}

type Pair = readonly [x: StoredImage, y: StoredImage];

/** Returns the pairs of two domains, in the order of the first; an image without one is left out. */
async function pairsOf({ x, y }: Domains, pairs: string): Promise<readonly Pair[]> {
  if (extname(pairs) === '.csv') return await listedPairs({ x, y }, pairs);
  const [keysX, keysY] = [await keysOf(x, pairs), await keysOf(y, pairs)];
  const others = new Map<string, StoredImage[]>();
  for (const item of y.items) {
    const key = keysY(item);
    if (key !== undefined) others.set(key, [...(others.get(key) ?? []), item]);
  }
  // Several images of one key are paired one by one.
  return x.items.flatMap((item): Pair[] => {
    const key = keysX(item);
    const other = key === undefined ? undefined : others.get(key)?.shift();
    return other === undefined ? [] : [[item, other]];
  });
}

/** What the images of a pair have in common; undefined: an image has no such value. */
type KeyOf = (item: StoredImage) => string | undefined;

async function keysOf({ folder }: Domain, pairs: string): Promise<KeyOf> {
  if (pairs === 'name') return ({ path }) => basename(path, extname(path));
  if (folder === undefined) {
    throw new OptionsError(
      `--pairs: a plain folder has no column ${pairs}. Take name, for files of one name, or a .csv list.`,
    );
  }
  const { rows } = await openDataset(folder);
  const values = new Map(rows.map(({ id, labels }) => [id, labels[pairs]]));
  return ({ id }) => {
    const value = values.get(id) ?? undefined;
    return value === undefined ? undefined : String(value);
  };
}

/** Returns the pairs of a list: a line has the id or the file's name of an image of X, and of one of Y. */
async function listedPairs({ x, y }: Domains, path: string): Promise<readonly Pair[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new DataError(`${path}: must be a list of pairs, but cannot be read. Check --pairs.`, {
      path,
      cause: error,
    });
  }
  const [head = [], ...lines] = text.trim().split(/\r?\n/).map(cellsOf);
  const [atX, atY] = [head.indexOf('x'), head.indexOf('y')];
  if (atX < 0 || atY < 0) {
    throw new DataError(
      `${path}: the first line must name the columns x and y, but is ${head.join(',')}. Add it.`,
      { path },
    );
  }
  const byName = ({ items }: Domain): ReadonlyMap<string, StoredImage> =>
    new Map(
      items.flatMap((item) => [[basename(item.path), item] as const, [item.id, item] as const]),
    );
  const [ofX, ofY] = [byName(x), byName(y)];
  return lines.flatMap((line): Pair[] => {
    const [own, other] = [ofX.get(line[atX] ?? ''), ofY.get(line[atY] ?? '')];
    return own === undefined || other === undefined ? [] : [[own, other]];
  });
}

/** Returns the cells of a line of CSV; a quoted one may hold commas, but no line end. */
function cellsOf(line: string): readonly string[] {
  const cells = line.match(/"(?:[^"]|"")*"|[^,]+|(?<=,|^)(?=,|$)/g) ?? [];
  return cells.map((cell) =>
    cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell.trim(),
  );
}
