/** The newest samples of a translation. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { countText } from '@janus/core';
import type { SampleView } from './run-view.js';

/** A sheet after some updates, and that of the way back. */
const SHEET = /^step-(\d+)(-back)?\.png$/;

/** Returns the newest sheets in a run's `samples/`: of each direction one; none where there are none. */
export async function newestSamples(folder: string): Promise<readonly SampleView[]> {
  const place = join(folder, 'samples');
  const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
  // A link may lead out of the run's folder.
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const steps = names.flatMap((name) => SHEET.exec(name)?.[1] ?? []).map(Number);
  const newest = Math.max(...steps);
  const sheets = names.filter((name) => Number(SHEET.exec(name)?.[1]) === newest).sort();
  const views = sheets.map(async (name): Promise<readonly SampleView[]> => {
    const found = await stat(join(place, name)).catch(() => undefined);
    if (found === undefined) return [];
    const back = SHEET.exec(name)?.[2] === undefined ? '' : ', the way back';
    const text = `after ${countText(newest)} updates${back}`;
    return [{ name, text, version: String(found.mtimeMs) }];
  });
  // `step-1-back.png` sorts before `step-1.png`.
  return (await Promise.all(views)).flat().reverse();
}
