import { importCelebA } from '@janus/data';
import { rootFlag } from './columns-flag.js';
import { defineSource, given, onlyInput, type ImportSource } from './import-source.js';

/** CelebA. */
export const CELEBA: ImportSource = defineSource<{ readonly root?: string }>({
  name: 'celeba',
  summary: "CelebA's folder, with its lists of attributes, parts and people",
  flags: [rootFlag()],
  run: async (request) =>
    await importCelebA(onlyInput(request), { ...request.options, ...given(request.flags) }),
});
