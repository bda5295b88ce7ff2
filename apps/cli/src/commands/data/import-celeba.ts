import { importCelebA } from '@janus/data';
import { rootFlag } from './columns-flag.js';
import { defineSource, given, onlyInput, type ImportSource } from './import-source.js';

/** CelebA. */
export const CELEBA: ImportSource = defineSource<{ readonly root?: string }>({
  name: 'celeba',
  summary: 'the CelebA folder, with its lists of attributes, splits and people',
  flags: [rootFlag()],
  run: async (request) =>
    await importCelebA(onlyInput(request), { ...request.options, ...given(request.flags) }),
});
