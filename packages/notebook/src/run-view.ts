/** What a cell shows of a run while it trains: a line of progress, its curves, its newest samples. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readMetrics, readRun, type Reporter } from '@janus/core';
import { ganLosses, learningCurves, type Figure } from '@janus/figures';
import { figureBundle } from './figure-bundle.js';
import { imageBundle } from './images.js';
import { openLines } from './lines.js';
import type { Panel, Screen } from './screen.js';

/** Drawing curves takes at most one part in this many of the time. */
const DRAWING_SHARE = 20;

/** A run's place in a cell. */
export interface RunView {
  readonly reporter: Reporter;
  /** Draws curves and samples again, where the last drawing is long enough ago. */
  readonly draw: () => Promise<void>;
  /** Draws them a last time, and shows a line in place of the progress. */
  readonly end: (line: string) => Promise<void>;
}

/** Returns a view of a run that begins now. */
export function openRunView(
  folder: string,
  { screen, now }: { readonly screen: Screen; readonly now: () => number },
): RunView {
  const lines = openLines(screen, now);
  const drawing = screen.rich ? openDrawing(folder, screen) : async () => Promise.resolve();
  let nextDrawing = 0;
  return {
    reporter: lines.reporter,
    draw: async () => {
      const began = now();
      if (began < nextDrawing) return;
      await drawing();
      const ended = now();
      nextDrawing = ended + DRAWING_SHARE * (ended - began);
    },
    end: async (line) => {
      lines.end(line);
      await drawing();
    },
  };
}

/** Returns what draws the curves and the newest samples of a run's folder. */
function openDrawing(folder: string, screen: Screen): () => Promise<void> {
  const [curves, samples]: [Panel, Panel] = [screen.panel(), screen.panel()];
  let [drawnStep, drawnSample] = [-1, ''];
  return async () => {
    const records = await readMetrics(folder);
    const step = records.at(-1)?.step ?? -1;
    if (step > drawnStep) {
      drawnStep = step;
      curves.set(await figureBundle(await curvesOf(folder, records), true));
    }
    const sample = await newestSample(folder);
    if (sample !== undefined && sample !== drawnSample) {
      drawnSample = sample;
      samples.set(await imageBundle(sample));
    }
  };
}

async function curvesOf(
  folder: string,
  records: Awaited<ReturnType<typeof readMetrics>>,
): Promise<Figure> {
  const { kind } = await readRun(folder);
  return kind === 'classifier' ? learningCurves(records) : ganLosses(records);
}

/** Returns the newest sheet of a translation's samples; undefined where there is none. */
async function newestSample(folder: string): Promise<string | undefined> {
  const names = await readdir(join(folder, 'samples')).catch(() => []);
  const newest = names
    .filter((name) => /^step-\d+\.png$/.test(name))
    .sort()
    .at(-1);
  return newest === undefined ? undefined : join(folder, 'samples', newest);
}
