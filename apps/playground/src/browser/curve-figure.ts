/** Small curves of what was learned. */

/** A curve. */
export interface Curve {
  readonly name: string;
  /** From left to right. */
  readonly values: readonly number[];
}

/** What {@link drawCurves} draws. */
export interface CurveFigure {
  readonly title: string;
  /** Beneath each place, from left to right. */
  readonly labels: readonly string[];
  /** At most two; all have a value a label. */
  readonly curves: readonly Curve[];
  /** Ends of the vertical axis. */
  readonly range: readonly [number, number];
  readonly format: (value: number) => string;
}

const [WIDTH, HEIGHT] = [420, 240];
/** Labels beneath a curve that stay apart from each other. */
const MOST_LABELS = 8;

const FRAME = { left: 56, right: 16, top: 34, bottom: 40 };

function part(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

function textAt(
  place: { readonly x: number; readonly y: number; readonly anchor?: 'start' | 'end' },
  text: string,
): SVGElement {
  const { x, y, anchor = 'middle' } = place;
  const made = part('text', { x, y, 'text-anchor': anchor });
  made.textContent = text;
  return made;
}

/** Draws curves into a figure, with what they say in words for those who do not see them. */
export function drawCurves(figure: HTMLElement, given: CurveFigure): void {
  const { title, labels, curves, range, format } = given;
  const svg = part('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img' });
  const spoken = curves.map(
    ({ name, values }) =>
      `${name}: ${values.map((value, i) => `${format(value)} at ${labels[i] ?? ''}`).join(', ')}`,
  );
  svg.setAttribute('aria-label', `${title}. ${spoken.join('. ')}`);
  const xOf = (i: number): number =>
    FRAME.left + ((WIDTH - FRAME.left - FRAME.right) * (i + 0.5)) / labels.length;
  const yOf = (value: number): number => {
    const share = (value - range[0]) / (range[1] - range[0]);
    return (
      HEIGHT - FRAME.bottom - Math.min(1, Math.max(0, share)) * (HEIGHT - FRAME.top - FRAME.bottom)
    );
  };
  for (const value of [range[0], (range[0] + range[1]) / 2, range[1]]) {
    const y = yOf(value);
    svg.append(part('path', { class: 'axis', d: `M${FRAME.left} ${y}H${WIDTH - FRAME.right}` }));
    svg.append(textAt({ x: FRAME.left - 6, y: y + 4, anchor: 'end' }, format(value)));
  }
  const step = Math.ceil(labels.length / MOST_LABELS);
  labels.forEach((label, i) => {
    if (i % step === 0) svg.append(textAt({ x: xOf(i), y: HEIGHT - FRAME.bottom + 18 }, label));
  });
  curves.forEach(({ name, values }, c) => {
    const second = c === 0 ? '' : ' second';
    const d = values.map((value, i) => `${i === 0 ? 'M' : 'L'}${xOf(i)} ${yOf(value)}`).join('');
    svg.append(part('path', { class: `line${second}`, d }));
    values.forEach((value, i) => {
      svg.append(part('circle', { class: `dot${second}`, cx: xOf(i), cy: yOf(value), r: 3 }));
    });
    svg.append(part('path', { class: `line${second}`, d: `M${FRAME.left + 130 * c} 18h22` }));
    svg.append(textAt({ x: FRAME.left + 130 * c + 28, y: 22, anchor: 'start' }, name));
  });
  const caption = document.createElement('figcaption');
  caption.textContent = title;
  figure.replaceChildren(svg, caption);
}
