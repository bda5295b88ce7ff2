import type { Face } from './attributes.js';
import { drawBrows, drawEyes, drawMouth, drawNose, drawNoseForm } from './features.js';
import { drawBeard } from './beard.js';
import { drawHairBehind, drawHairFront } from './hair.js';
import { drawEars, drawForm, drawFreckles, drawNeck, drawWrinkles, headPath } from './head.js';
import { frameOf } from './frame.js';
import { lookOf, type FaceLook } from './look.js';
import {
  drawBackground,
  drawClothes,
  drawGlasses,
  drawHeadwear,
  drawScarf,
  FRAME,
} from './scene.js';
import { css, fadeOf, hsl, mix, n } from './shapes.js';

function definitions(look: FaceLook, head: string): string {
  const { skin, shade, glow, hair, attributes } = look;
  const side = { left: -1, even: 0, right: 1 }[attributes.lighting];
  const middle = 0.5 + side * 0.14 + Math.sin(look.yaw) * 0.12;
  const strength = side === 0 ? 0.06 : 0.34 + 0.12 * look.scene('light strength');
  const warm = look.scene('light colour');
  const lamp = css(
    mix([255, 250, 240], warm > 0 ? [255, 206, 150] : [206, 224, 255], Math.abs(warm) * 0.7),
  );
  const from = side >= 0 ? 0 : 1;
  const blue = css(mix(skin, [52, 58, 70], 0.6));
  const { chinY, mouthY } = look;
  const down = (y1: number, y2: number): string =>
    `gradientUnits="userSpaceOnUse" x1="0" x2="0" y1="${n(y1)}" y2="${n(y2)}"`;
  const stop = (offset: number, colour: string, opacity: number): string =>
    `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${n(opacity)}"/>`;
  const deep = css(mix(shade, [30, 12, 10], 0.3));
  const stubble = css(mix(mix(look.brow, hair, 0.4), shade, 0.3));
  const fades = [
    fadeOf('shade', shade),
    fadeOf('glow', glow),
    fadeOf('shine', mix(glow, [255, 255, 255], 0.4)),
    fadeOf('blush', mix(skin, [206, 62, 66], 0.5)),
    `<linearGradient id="jaw" ${down(mouthY - 14, chinY)}>${stop(0, blue, 0)}${stop(0.4, blue, 0.8)}${stop(1, blue, 1)}</linearGradient>`,
    `<linearGradient id="stubble" ${down(0, chinY)}>${stop(0, stubble, 0.05)}${stop(0.4, stubble, 0.36)}${stop(1, stubble, 0.5)}</linearGradient>`,
    `<linearGradient id="under" ${down(chinY - 12, chinY + 13)}>${stop(0, deep, 0.8)}${stop(0.45, deep, 0.6)}${stop(1, deep, 0)}</linearGradient>`,
  ].join('');
  return `<defs>${fades}<clipPath id="head"><path d="${head}"/></clipPath><radialGradient id="skin" cx="${n(middle)}" cy="0.42" r="0.66"><stop offset="0" stop-color="${css(mix(skin, glow, 0.55))}"/><stop offset="0.5" stop-color="${css(skin)}"/><stop offset="0.82" stop-color="${css(mix(skin, shade, 0.42))}"/><stop offset="1" stop-color="${css(mix(skin, shade, 0.85))}"/></radialGradient><linearGradient id="neck" x2="0" y2="1"><stop offset="0.25" stop-color="${css(mix(skin, shade, 0.75))}"/><stop offset="0.75" stop-color="${css(mix(skin, shade, 0.25))}"/></linearGradient><linearGradient id="hair" x2="0.25" y2="1"><stop offset="0" stop-color="${css(mix(hair, [255, 236, 208], 0.14))}"/><stop offset="0.5" stop-color="${css(hair)}"/><stop offset="1" stop-color="${css(mix(hair, [8, 5, 6], 0.42))}"/></linearGradient><linearGradient id="light" x1="${from}" x2="${1 - from}"><stop offset="0" stop-color="#0a0612" stop-opacity="${n(strength)}"/><stop offset="0.52" stop-color="#0a0612" stop-opacity="${n(strength * 0.12)}"/><stop offset="0.6" stop-color="${lamp}" stop-opacity="0.02"/><stop offset="1" stop-color="${lamp}" stop-opacity="${n(side === 0 ? 0.05 : 0.3)}"/></linearGradient></defs>`;
}

/**
 * Draws a face as SVG. Presentation shows in several weak cues together (jaw and chin, brows, eyes and
 * lashes, lips, nose, skin colour, neck and shoulders), each of which overlaps between the two values. It
 * never shows in hair or beard, which are independent attributes.
 *
 * @param size side of the image in pixels
 */
export function drawFace(face: Face, size: number): string {
  const look = lookOf(face);
  const head = headPath(look);
  const { x, y, scale, roll } = frameOf(look);
  const move = (share: number): string =>
    `<g transform="translate(${n(x)} ${n(y)}) rotate(${n(roll * share)}) scale(${n(scale)})">`;
  const exposure = look.scene('exposure');
  const veil =
    exposure > 0
      ? `fill="#fff" fill-opacity="${n(exposure * 0.12)}"`
      : `fill="#000" fill-opacity="${n(-exposure * 0.2)}"`;
  // White balance is seldom right: the whole image has a warm or a cool cast.
  const warm = look.scene('cast') > 0;
  const cast = css(hsl((warm ? 24 : 222) + 18 * look.scene('cast hue'), 0.75, 0.5));
  const lean = 0.01 + 0.09 * Math.abs(look.scene('cast'));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="0 0 ${FRAME} ${FRAME}">`,
    definitions(look, head),
    drawBackground(look),
    move(1),
    drawHairBehind(look),
    '</g>',
    move(0.5),
    drawNeck(look),
    drawClothes(look),
    drawScarf(look),
    '</g>',
    move(1),
    drawEars(look),
    `<path d="${head}" fill="url(#skin)"/>`,
    `<g clip-path="url(#head)">${drawForm(look)}${drawNoseForm(look)}</g>`,
    drawFreckles(look),
    drawWrinkles(look),
    drawBeard(look),
    drawEyes(look),
    drawBrows(look),
    drawNose(look),
    drawMouth(look),
    `<path d="${head}" fill="url(#light)"/>`,
    drawHairFront(look),
    drawHeadwear(look),
    drawGlasses(look),
    '</g>',
    `<rect width="${FRAME}" height="${FRAME}" fill="url(#light)" fill-opacity="0.35"/>`,
    `<rect width="${FRAME}" height="${FRAME}" fill="${cast}" fill-opacity="${n(lean)}"/>`,
    `<rect width="${FRAME}" height="${FRAME}" ${veil}/>`,
    '</svg>',
  ].join('');
}
