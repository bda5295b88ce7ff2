import { writeFileAtomic } from '@janus/core';
import type { Figure, RenderOptions } from '@janus/figures';

/** Where figures of a run's evaluation are in its folder. */
export const FIGURES_FOLDER = 'figures';

/**
 * Writes a figure as SVG and PNG and returns the files.
 *
 * @param path without ending
 */
export async function writeFigure(
  figure: Figure,
  path: string,
  options: RenderOptions = {},
): Promise<readonly string[]> {
  // Loads Plotly's bundle: only when figures are asked for.
  const { pngOfSvg, renderSvg } = await import('@janus/figures');
  const svg = await renderSvg(figure, options);
  const files = [`${path}.svg`, `${path}.png`] as const;
  await writeFileAtomic(files[0], svg);
  await writeFileAtomic(files[1], await pngOfSvg(svg));
  return files;
}
