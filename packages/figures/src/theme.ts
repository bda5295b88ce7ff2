import type { Layout } from './figure.js';

/** The colours of a theme, each as `#rrggbb`. */
export interface Theme {
  readonly text: string;
  readonly mutedText: string;
  readonly grid: string;
  readonly axis: string;
  readonly background: string;
  /** The colours of a heat map at 0 and at 1. */
  readonly heat: readonly [string, string];
  /** In place of the palette's blue, which is too dark on a dark page. */
  readonly blue: string;
}

/** The names of the themes. */
export type ThemeName = 'light' | 'dark' | 'print';

/** The light theme, for pages and files, the dark one, for dark pages, and one for paper, whose text is black. */
export const THEMES: Readonly<Record<ThemeName, Theme>> = {
  light: {
    text: '#1c2430',
    mutedText: '#5b6675',
    grid: '#e6e9ee',
    axis: '#aab2bd',
    background: '#ffffff',
    heat: ['#f2f6fb', '#0b5a9d'],
    blue: '#1f77b9',
  },
  dark: {
    text: '#e6eaf0',
    mutedText: '#9aa5b4',
    grid: '#2b3340',
    axis: '#556070',
    background: '#171c24',
    heat: ['#202a36', '#2a78bd'],
    blue: '#4c9ddd',
  },
  print: {
    text: '#000000',
    mutedText: '#333333',
    grid: '#d4d4d4',
    axis: '#555555',
    background: '#ffffff',
    heat: ['#f2f2f2', '#0b5a9d'],
    blue: '#1f6fad',
  },
};

/**
 * Colours of series. With every common kind of colour blindness any two of them differ by at least 10 (CIE Lab, 1976), and each has a
 * contrast of 3 or more to the background of every theme, as WCAG 2.2 asks of graphics.
 * Source: Okabe and Ito 2008, Color Universal Design, without black and yellow; all but green and purple are slightly darker.
 */
export const PALETTE = {
  blue: '#1f77b9',
  orange: '#d97a00',
  green: '#009e73',
  purple: '#c46aa0',
  sky: '#3f9ad3',
  vermilion: '#c44a00',
  grey: '#8a94a3',
} as const;

/** The palette in the order in which series use it. */
export const SERIES_COLOURS: readonly string[] = [
  PALETTE.blue,
  PALETTE.orange,
  PALETTE.green,
  PALETTE.purple,
  PALETTE.sky,
  PALETTE.vermilion,
];

/** The fonts of every figure: Inter comes with the package, the others are fallbacks. */
export const FONT_FAMILY = 'Inter, Helvetica, Arial, sans-serif';

/** Options of {@link layoutOf}. */
export interface LayoutOptions {
  readonly title: string;
  /** Under the title: what is shown, n, the interval; lines are separated by `<br>`. Default none. */
  readonly subtitle?: string;
  /** Pixels; default 360. */
  readonly height?: number;
  /** Plotly's layout of this figure: axes, shapes, annotations. Overrides the common one. */
  readonly parts?: Layout;
}

/** Returns a legend at the left between title and plot, or at the right beside the title. */
export function legendAt(side: 'left' | 'right'): Readonly<Record<string, unknown>> {
  return {
    orientation: 'h',
    x: side === 'left' ? 0 : 1,
    xanchor: side,
    y: 1,
    yanchor: side === 'left' ? 'bottom' : 'top',
    yref: side === 'left' ? 'paper' : 'container',
    bgcolor: 'rgba(0,0,0,0)',
    font: { size: 12.5 },
  };
}

const mutedSpan = (text: string): string =>
  `<span style="font-size:12.5px;font-weight:400;color:${THEMES.light.mutedText}">${text}</span>`;

/** Pixels of a line of the subtitle. */
const SUBTITLE_LINE = 20;

/** Returns the layout common to all figures: title on the left, legend above the plot, light grid. */
export function layoutOf(options: LayoutOptions): Layout {
  const { title, subtitle, height = 360, parts = {} } = options;
  const theme = THEMES.light;
  const legend = parts['showlegend'] !== false;
  const lines = subtitle === undefined ? 0 : subtitle.split('<br>').length;
  const top = 48 + SUBTITLE_LINE * lines + (legend ? 26 : 0);
  return {
    height,
    autosize: true,
    paper_bgcolor: theme.background,
    plot_bgcolor: theme.background,
    font: { family: FONT_FAMILY, size: 13, color: theme.text },
    colorway: SERIES_COLOURS,
    title: {
      text:
        subtitle === undefined
          ? title
          : [title, ...subtitle.split('<br>').map(mutedSpan)].join('<br>'),
      font: { size: 16, weight: 600 },
      x: 0,
      xref: 'container',
      xanchor: 'left',
      y: 1,
      yref: 'container',
      yanchor: 'top',
      // Plotly puts a single line below its anchor, but several lines above it.
      pad: { l: 14, t: subtitle === undefined ? 14 : 26 },
    },
    margin: { l: 64, r: 24, t: top, b: 54, pad: 2 },
    legend: legendAt('left'),
    hoverlabel: { font: { family: FONT_FAMILY, size: 12.5 } },
    bargap: 0.28,
    ...parts,
  };
}

/**
 * Returns an axis in the common style.
 *
 * @param title with the unit: `Width (px)`
 * @param parts Plotly's options of this axis, which override the common ones
 */
export function axis(
  title: string,
  parts: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const theme = THEMES.light;
  return {
    title: { text: title, standoff: 10, font: { size: 13, color: theme.mutedText } },
    automargin: true,
    gridcolor: theme.grid,
    linecolor: theme.axis,
    tickcolor: theme.axis,
    zeroline: false,
    showline: true,
    ticks: 'outside',
    ticklen: 4,
    tickfont: { size: 12 },
    ...parts,
  };
}

/** Returns an axis of rates from 0 to 1, with ticks in percent. */
export function rateAxis(
  title: string,
  parts: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  return axis(title, { tickformat: '.0%', hoverformat: '.1%', ...parts });
}

/** Counts up to which every one has a tick. */
const COUNTS_WITH_TICKS = 8;

/**
 * Returns an axis of counts, whose ticks are whole numbers: of few, Plotly would put some at halves and round their labels.
 *
 * @param most the largest count
 */
export function countAxis(
  title: string,
  most: number,
  parts: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const few = most <= COUNTS_WITH_TICKS ? { dtick: 1 } : {};
  return axis(title, { rangemode: 'tozero', tickformat: ',d', ...few, ...parts });
}

/** Text on a light colour; not a theme's colour, since bars keep theirs when the page turns dark. */
const INK = '#10151c';

/**
 * Returns the contrast ratio of two colours `#rrggbb`, 1 to 21.
 *
 * Source: WCAG 2.2, relative luminance and contrast ratio.
 */
export function contrastOf(one: string, other: string): number {
  const [dark = 0, light = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminanceOf(colour: string): number {
  const channel = (at: number): number => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/**
 * Returns near-black or white, whichever has more contrast on a colour: white on the palette's blue, black
 * on its orange. Source: contrast ratio of WCAG 2.2.
 *
 * @param colour `#rrggbb`
 */
export function textColourOn(colour: string): string {
  return contrastOf(colour, '#ffffff') >= contrastOf(colour, INK) ? '#ffffff' : INK;
}

/** Opacity of a raw curve behind its smoothed one. */
export const PALE = 0.22;

/** Adds an opacity, 0 to 1, to a colour `#rrggbb`: `rgba(31,119,185,0.2)`. */
export function withOpacity(colour: string, opacity: number): string {
  const channel = (at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
  return `rgba(${channel(1)},${channel(3)},${channel(5)},${opacity})`;
}

/**
 * Maps each colour of the light theme to its counterpart in another one. A page replaces them in a figure's
 * layout and traces when it turns dark.
 */
export function colourSwap(name: ThemeName): Readonly<Record<string, string>> {
  const from = THEMES.light;
  const to = THEMES[name];
  return {
    [from.text]: to.text,
    [from.mutedText]: to.mutedText,
    [from.grid]: to.grid,
    [from.axis]: to.axis,
    [from.background]: to.background,
    [from.heat[0]]: to.heat[0],
    [from.heat[1]]: to.heat[1],
    [from.blue]: to.blue,
    [withOpacity(from.blue, PALE)]: withOpacity(to.blue, PALE),
  };
}
