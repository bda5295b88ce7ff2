/** What a browser can load of `@janus/figures`. Nothing here reaches `node:*`. */
export { heatOverlay, type HeatMap, type HeatOverlayOptions } from './heat-overlay.js';
