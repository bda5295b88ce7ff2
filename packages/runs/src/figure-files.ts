import { writeFileAtomic } from '@janus/core';
import type { Figure } from '@janus/figures';

/**
 * Writes a figure as SVG and PNG and returns the files.
 *
 * @param path without ending
 */
export async function writeFigure(figure: Figure, path: string): Promise<readonly string[]> {
  // Loads Plotly's bundle: only when figures are asked for.
  const { pngOfSvg, renderSvg } = await import('@janus/figures');
  const svg = await renderSvg(figure);
  const files = [`${path}.svg`, `${path}.png`] as const;
  await writeFileAtomic(files[0], svg);
  await writeFileAtomic(files[1], await pngOfSvg(svg));
  return files;
}
