import { importCelebA } from '@janus/data';
import { Option } from 'commander';
import { defineSource, given, onlyInput, type ImportSource } from './import-source.js';

/** CelebA. */
export const CELEBA: ImportSource = defineSource<{ readonly root?: string }>({
  name: 'celeba',
  summary: "CelebA's folder, with its lists of attributes, parts and people",
  flags: [new Option('--root <dir>', "where the pictures lie (default: CelebA's own folders)")],
  run: async (request) =>
    await importCelebA(onlyInput(request), { ...request.options, ...given(request.flags) }),
});
