/** An SVG document that was read. */
export interface OpenSvg {
  readonly root: Element;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** Reads an SVG document of `renderSvg`. */
export async function openSvg(svg: string): Promise<OpenSvg> {
  const { JSDOM } = await import('jsdom');
  const { document } = new JSDOM(svg, { contentType: 'image/svg+xml' }).window;
  const root = document.documentElement;
  const side = (name: string): number => Number(root.getAttribute(name));
  return { root, width: side('width'), height: side('height') };
}
