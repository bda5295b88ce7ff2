import { colourSwap, THEMES } from '@janus/figures';

/**
 * Returns the page's script: it draws every figure in the colours of the reader's theme,
 * and in light ones for the printer.
 */
export function pageScript(): string {
  return `
(() => {
  const swap = ${JSON.stringify(colourSwap('dark'))};
  const muted = ${JSON.stringify([THEMES.light.mutedText, THEMES.dark.mutedText])};
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const recolour = (value) => {
    if (typeof value === 'string') return swap[value] ?? value.replaceAll(muted[0], muted[1]);
    if (Array.isArray(value)) return typeof value[1] === 'number' ? value : value.map(recolour);
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, recolour(v)]));
    return value;
  };
  const config = { responsive: true, displayModeBar: false };
  const plots = [...document.querySelectorAll('.plot')];
  const draw = (plot, night) => {
    const text = document.getElementById('data-' + plot.dataset.figure).textContent;
    const figure = night ? recolour(JSON.parse(text)) : JSON.parse(text);
    if (plot.clientWidth < 420) {
      figure.layout.margin = { ...figure.layout.margin, l: 8, r: 20 };
      figure.layout.font = { ...figure.layout.font, size: 11.5 };
    }
    if (!plot.dataset.drawn) plot.textContent = '';
    plot.dataset.drawn = '1';
    Plotly.react(plot, figure.data, figure.layout, config);
  };
  const drawAll = (night) => plots.forEach((plot) => draw(plot, night));
  drawAll(dark.matches);
  dark.addEventListener('change', () => drawAll(dark.matches));
  addEventListener('beforeprint', () => { document.querySelectorAll('details').forEach((each) => { each.dataset.was = each.open ? '1' : ''; each.open = true; }); drawAll(false); });
  addEventListener('afterprint', () => { document.querySelectorAll('details').forEach((each) => { each.open = each.dataset.was === '1'; }); drawAll(dark.matches); });
})();
`;
}
