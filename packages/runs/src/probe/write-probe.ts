/** What a probe found, as files. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '@janus/core';
import { writeFigure } from '../figure-files.js';
import type { ProbeResult } from './probe-layers.js';

/**
 * Writes `probe.json`, all of what a probe found, and its figure, `probe.svg` and `probe.png`, to a folder;
 * makes the folder, replaces files that are there, and returns the three.
 */
export async function writeProbe(result: ProbeResult, folder: string): Promise<readonly string[]> {
  // Loads Plotly's bundle: only when figures are asked for.
  const { probeFigure } = await import('@janus/figures');
  const { target, backbone, size, cuts, classes, n, rows } = result;
  const figure = probeFigure(rows, {
    title: `Linear probes of ${backbone} for ${target}, ${size} px`,
    ...{ cuts, classes: classes.length, n },
  });
  await mkdir(folder, { recursive: true });
  const file = join(folder, 'probe.json');
  await writeJson(file, result);
  return [file, ...(await writeFigure(figure, join(folder, 'probe')))];
}
