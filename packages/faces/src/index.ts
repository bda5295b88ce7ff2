export * from './attributes.js';
export * from './plan.js';
export * from './render.js';
export * from './render-planned-face.js';
