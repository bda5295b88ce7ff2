import type { FaceLook } from './look.js';
import { closedCurve, css, mirrored, mix, n, shades, type Point } from './shapes.js';

function beardShape(look: FaceLook, grown: number): readonly Point[] {
  const { outline, edge, mouthY, halfWidth: w } = look;
  const jaw = outline.slice(5).map(([x, y], i): Point => {
    const out = [1.2, 2.6, 3.6, 4, 3.5][i] ?? 3.5;
    return edge([x + out * grown, y + out * grown * (i > 1 ? 1.5 : 0.2)]);
  });
  const right: readonly Point[] = [
    ...[[w - 0.3, -2] as Point, [w - 0.4, 10] as Point].map(edge),
    ...jaw,
  ];
  const chin = edge([0, look.chinY + 0.6 + 6 * grown]);
  const mirror = (points: readonly Point[]): readonly Point[] => mirrored(points);
  const leftOutline = [
    ...mirror(
      outline.slice(5).map(([x, y], i): Point => {
        const out = [1.2, 2.6, 3.6, 4, 3.5][i] ?? 3.5;
        return [x + out * grown, y + out * grown * (i > 1 ? 1.5 : 0.2)];
      }),
    ),
    [-(w - 0.4), 10] as Point,
    [-(w - 0.3), -2] as Point,
  ].map(edge);
  const cheek: readonly Point[] = [
    [-(w - 6), -2],
    [-(w - 8), 14],
    [-34, 30],
    [-22, mouthY - 7],
    [-12, mouthY - 11.5],
    [0, mouthY - 12.5],
  ];
  const inner = [...cheek, ...mirror(cheek).slice(1)].map(([x, y]): Point => {
    const place = look.place(x, y);
    return Math.abs(x) > 38 ? look.edge([x, y]) : [place.x, place.y];
  });
  return [...right, chin, ...leftOutline, ...inner];
}

/** Draws the beard, which the mouth is drawn over. */
export function drawBeard(look: FaceLook): string {
  const { beard } = look.attributes;
  if (beard === 'none') return '';
  const full = beard === 'full';
  const shape = closedCurve(beardShape(look, full ? 1 + 0.25 * look.trait('beard length') : 0));
  const colour = mix(look.brow, look.hair, full ? 0.75 : 0.4);
  const { dark, light } = shades(colour);
  const stream = look.texture('beard');
  const hairs = ['', ''];
  const count = full ? 100 : 110;
  for (let i = 0; i < count; i++) {
    const angle = stream.next() * Math.PI;
    const reach = full ? 0.82 + 0.26 * stream.next() : 0.72 + 0.24 * stream.next();
    const x0 = Math.cos(angle) * (look.halfWidth - 5) * reach;
    const y0 = 14 + Math.sin(angle) * (look.chinY - 14) * reach + (full ? 0 : -2);
    const upper = stream.next() < 0.25;
    const patch = full || Math.abs(x0) > 33 || y0 > look.mouthY - 4;
    if (!patch && !upper) continue;
    const [x, y] = upper
      ? [(stream.next() * 2 - 1) * 19, look.mouthY - 9 + stream.next() * 4]
      : [x0, y0];
    const p = look.place(x, y);
    const kind = i % 2;
    const length = full ? 5 + 3 * stream.next() : 0.8;
    const lean = full ? (x / 50) * 2.5 + (stream.next() - 0.5) * 2 : 0.2;
    hairs[kind] = `${hairs[kind] ?? ''}M${n(p.x)} ${n(p.y)}l${n(lean)} ${n(length)}`;
  }
  const body = full
    ? `<path d="${shape}" fill="${css(mix(colour, dark, 0.25))}" opacity="0.9"/>`
    : `<path d="${shape}" clip-path="url(#head)" fill="url(#stubble)"/>`;
  const opacity = full ? 0.6 : 0.45;
  return `${body}<g fill="none" stroke-linecap="round" stroke-width="${full ? 1.1 : 0.9}" opacity="${opacity}"><path d="${hairs[0] ?? ''}" stroke="${css(full ? dark : colour)}"/><path d="${hairs[1] ?? ''}" stroke="${css(full ? light : dark)}"/></g>`;
}
