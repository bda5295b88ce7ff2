import { PROBE_DEFAULTS } from '@janus/runs';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { optionsOfFlags } from '../option-flags.js';
import { addProbeCommand, PROBE_FLAGS } from './probe.js';

/** Returns the options that a command line sets, without probing. */
function optionsOf(...args: readonly string[]): object {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  addProbeCommand(program);
  const [command] = program.commands;
  let flags: Record<string, unknown> = {};
  command?.copyInheritedSettings(program).action((_data: string, opts: typeof flags) => {
    flags = opts;
  });
  program.parse(['probe', 'data/faces', '--target', 'gender', ...args], { from: 'user' });
  return optionsOfFlags(flags, PROBE_FLAGS);
}

it('without flags, the options are the defaults', () => {
  expect(optionsOf()).toEqual(PROBE_DEFAULTS);
});

it('each option has a flag', () => {
  const lists = ['--cuts', 'block3,block4', '--poolings', 'max', '--normalisations', 'standard'];
  const numbers = ['--size', '64', '--folds', '10', '--seed', '2'];
  const others = ['--backbone', 'squeezenet', '--precision', 'float32', '--weights', 'w.h5'];
  expect(optionsOf(...lists, ...numbers, ...others)).toEqual({
    ...{ cuts: ['block3', 'block4'], poolings: ['max'], normalisations: ['standard'] },
    ...{ size: 64, folds: 10, seed: 2 },
    ...{ backbone: 'squeezenet', precision: 'float32', weights: 'w.h5' },
  });
});

it('refuses what no probe can have', () => {
  expect(() => optionsOf('--folds', '2')).toThrow(/must be a whole number of at least 3/);
  expect(() => optionsOf('--backbone', 'small-vgg')).toThrow(
    /Allowed choices are vgg16, vgg19, squeezenet, mobilenet, faceres, small-vgg-faces/,
  );
  expect(() => optionsOf('--size', '16')).toThrow(/at least 32/);
});
