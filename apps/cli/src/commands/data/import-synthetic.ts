import { OptionsError } from '@janus/core';
import { generateFaces } from '@janus/runs';
import { Option } from 'commander';
import { numberBetween, wholeNumber } from '../../flags.js';
import { defineSource, onlyInput, type ImportSource } from './import-source.js';

interface SyntheticFlags {
  readonly size: number;
  readonly seed: number;
  readonly labelNoise?: string;
  readonly noiseRate: number;
  readonly blankRate: number;
  readonly corruptRate: number;
  readonly duplicateRate: number;
  readonly imagesPerPerson: number;
  readonly twins?: string;
}

/** Returns a flag for a share of the faces, from 0 to 1. */
const rate = (flag: string, help: string, usual: number): Option =>
  new Option(`${flag} <rate>`, `${help}, 0 to 1`).argParser(numberBetween(0, 1)).default(usual);

/** Generated faces, with known defects. */
export const SYNTHETIC: ImportSource = defineSource<SyntheticFlags>({
  name: 'synthetic',
  summary: 'generated faces with 14 attributes; the input is their number',
  flags: [
    new Option('--size <px>', 'side of the images, 32 to 512')
      .argParser(wholeNumber(32))
      .default(128),
    new Option('--seed <n>', 'random seed of the faces').argParser(wholeNumber(0)).default(1),
    new Option('--label-noise <column>', 'corrupt labels in this column, at --noise-rate'),
    rate('--noise-rate', 'share of wrong labels', 0.05),
    rate('--blank-rate', 'share of blank images', 0),
    rate('--corrupt-rate', 'share of broken files', 0),
    rate('--duplicate-rate', 'share of duplicate images', 0),
    new Option('--images-per-person <n>', 'number of images per person')
      .argParser(wholeNumber(1))
      .default(1),
    new Option(
      '--twins <column>',
      'draw each face twice, the second time with the next value of this column: pairs, for --pairs pair of train cyclegan',
    ),
  ],
  run: async (request) => {
    const { flags, options, terminal } = request;
    const { labelNoise, noiseRate, ...rest } = flags;
    return await generateFaces(countOf(onlyInput(request)), {
      ...options,
      ...rest,
      ...(labelNoise === undefined ? {} : { labelNoise: { column: labelNoise, rate: noiseRate } }),
      report: terminal.progress,
    });
  },
});

function countOf(input: string): number {
  const count = Number(input.replace(/^n=/, '').trim() || NaN);
  if (Number.isNaN(count)) {
    throw new OptionsError(
      `data import synthetic: the input must be a number of faces from 1 to 1000000, but got ${input}. Try 600.`,
    );
  }
  return count;
}
