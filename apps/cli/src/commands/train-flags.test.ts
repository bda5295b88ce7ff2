import { CLASSIFIER_DEFAULTS, CYCLEGAN_RUN_PAPER } from '@janus/runs';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { optionsOfFlags } from '../option-flags.js';
import { addTrainClassifier, CLASSIFIER_FLAGS } from './train-classifier.js';
import { addTrainCycleGan, CYCLEGAN_FLAGS } from './train-cyclegan.js';

/** Returns what a training command is given, without training. */
function given(add: (train: Command) => void, args: readonly string[]): Record<string, unknown> {
  const train = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  add(train);
  const [command] = train.commands;
  if (command === undefined) throw new Error('no command was added');
  let flags: Record<string, unknown> = {};
  command.copyInheritedSettings(train).action((opts: Record<string, unknown>) => {
    flags = opts;
  });
  train.parse([command.name(), ...args], { from: 'user' });
  return flags;
}

const classifier = (...args: readonly string[]) =>
  optionsOfFlags(
    given(addTrainClassifier, ['--data', 'd', '--target', 't', ...args]),
    CLASSIFIER_FLAGS,
  );
const cycleGan = (...args: readonly string[]) =>
  optionsOfFlags(given(addTrainCycleGan, ['--x', 'a', '--y', 'b', ...args]), CYCLEGAN_FLAGS);

it('without flags, the options are those of the presets', () => {
  expect({ ...CLASSIFIER_DEFAULTS, ...classifier() }).toEqual(CLASSIFIER_DEFAULTS);
  expect({ ...CYCLEGAN_RUN_PAPER, ...cycleGan() }).toEqual(CYCLEGAN_RUN_PAPER);
});

it('every option of a preset that is a number or a choice has a flag, but those of the paper alone', () => {
  const flagged = (table: readonly { readonly option: string }[]) =>
    new Set(table.map(({ option }) => option));
  const missing = (preset: object, flags: ReadonlySet<string>) =>
    Object.keys(preset).filter((option) => !flags.has(option));
  expect(missing(CLASSIFIER_DEFAULTS, flagged(CLASSIFIER_FLAGS))).toEqual([]);
  expect(missing(CYCLEGAN_RUN_PAPER, flagged(CYCLEGAN_FLAGS))).toEqual([
    'discriminatorLayers',
    'beta1',
    'poolSize',
  ]);
});

it('the former names of flags set the new options', () => {
  expect(classifier('--no-balanced').classWeights).toBe('none');
  expect(cycleGan('--discriminator-rate', '4').discriminatorLrFactor).toBe(4);
  expect(cycleGan('--skip').skip).toBe('pre-tanh');
  expect(classifier('--augment', 'flip,crop').augment).toEqual(['crop', 'flip']);
});
