import { createRequire } from 'node:module';

/** Janus's version, as `package.json` has it. */
export const VERSION: string = (
  createRequire(import.meta.url)('../package.json') as { version: string }
).version;
