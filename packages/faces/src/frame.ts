import type { FaceLook } from './look.js';
import { FRAME } from './scene.js';

/** Where the head lies in the frame: centre and scale in units of the frame, roll in degrees. */
export function frameOf(look: FaceLook): { x: number; y: number; scale: number; roll: number } {
  const { scene } = look;
  const scale = 1.27 + 0.17 * scene('scale');
  return {
    x: FRAME / 2 + 21 * scene('x') - Math.sin(look.yaw) * 8,
    y: FRAME / 2 - 2 + 15 * scene('y'),
    scale,
    roll: 12 * scene('roll'),
  };
}
