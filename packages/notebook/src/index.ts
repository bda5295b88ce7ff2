/** What a notebook's cell shows. Outside a kernel the same calls print text. */
export { show, type Showable, type ShowOptions } from './show.js';
export { follow, type FollowContext, type Interrupts } from './follow.js';
export { progress, type ProgressOptions } from './lines.js';
export { parametersOf } from './parameters.js';

// What is shown, and where.
export { textScreen, type Bundle, type Panel, type Screen } from './screen.js';
export { currentScreen, kernelScreen, type DisplayMessage } from './kernel-screen.js';
export type { FrameLike } from './tables-of.js';
export type { ImageFile } from './images.js';
