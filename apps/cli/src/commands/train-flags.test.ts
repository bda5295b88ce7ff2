import {
  CLASSIFIER_DEFAULTS,
  CLASSIFIER_PAPER,
  CLASSIFIER_SMALL,
  CYCLEGAN_RUN_ATTRIBUTE,
  CYCLEGAN_RUN_PAPER,
  CYCLEGAN_RUN_TEXTURE,
} from '@janus/runs';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { givenOptions, optionsOfFlags } from '../option-flags.js';
import {
  addTrainClassifier,
  CLASSIFIER_FLAGS,
  classifierOptionsOf,
  flagWithoutEffect,
} from './train-classifier.js';
import { CYCLEGAN_FLAGS } from './cyclegan-flags.js';
import { addTrainCut } from './train-cut.js';
import { addTrainCycleGan, cycleGanOptionsOf, scheduleOf } from './train-cyclegan.js';

interface Given {
  readonly command: Command;
  readonly flags: Record<string, unknown>;
  /** What was written to standard error. */
  readonly notes: string;
}

/** Returns what a training command is given, without training. */
function parsed(add: (train: Command) => void, args: readonly string[]): Given {
  let notes = '';
  const train = new Command().exitOverride().configureOutput({
    writeErr: (text) => {
      notes += text;
    },
  });
  add(train);
  const [command] = train.commands;
  if (command === undefined) throw new Error('no command was added');
  let flags: Record<string, unknown> = {};
  command.copyInheritedSettings(train).action((opts: Record<string, unknown>) => {
    flags = opts;
  });
  train.parse([command.name(), ...args], { from: 'user' });
  return { command, flags, notes };
}

const given = (add: (train: Command) => void, args: readonly string[]): Record<string, unknown> =>
  parsed(add, args).flags;

const classifier = (...args: readonly string[]) =>
  optionsOfFlags(
    given(addTrainClassifier, ['--data', 'd', '--target', 't', ...args]),
    CLASSIFIER_FLAGS,
  );
const cycleGan = (...args: readonly string[]) =>
  optionsOfFlags(given(addTrainCycleGan, ['--x', 'a', '--y', 'b', ...args]), CYCLEGAN_FLAGS);

it('a preset says what is meant by flags that are left out, given ones count', () => {
  const optionsOf = (...args: readonly string[]) => {
    const all = ['--data', 'd', '--target', 't', ...args];
    const { command, flags } = parsed(addTrainClassifier, all);
    return classifierOptionsOf(flags, givenOptions(command, CLASSIFIER_FLAGS));
  };
  expect(optionsOf()).toEqual(CLASSIFIER_DEFAULTS);
  expect(optionsOf('--preset', 'paper')).toEqual(CLASSIFIER_PAPER);
  const changed = { ...CLASSIFIER_SMALL, epochs: 40, schedule: 'one-cycle' };
  // 40 epochs are those of the default: given, they count against the preset.
  expect(optionsOf('--preset', 'small', '--epochs', '40', '--schedule', 'one-cycle')).toEqual(
    changed,
  );
});

it('a flag of steps is refused where a linear head alone is fitted, unless it says what the preset says', () => {
  const refusal = (...args: readonly string[]): string | undefined => {
    const all = ['--data', 'd', '--target', 't', ...args];
    const { command, flags } = parsed(addTrainClassifier, all);
    return flagWithoutEffect(flags, givenOptions(command, CLASSIFIER_FLAGS));
  };
  expect(refusal('--optimizer', 'sgd')).toMatch(
    /^--optimizer: must be left out .*, but got sgd: .* --head 1x1024 or --unfreeze <block>/,
  );
  for (const [flag, value] of [
    ...[['--max-steps', '9'] as const, ['--mix', 'mixup'] as const, ['--epochs', '3'] as const],
    ...[['--label-smoothing', '0.1'] as const, ['--keep-best', '2'] as const],
  ]) {
    expect(refusal(flag, value)).toContain(`${flag}: `);
    expect(refusal(flag, value, '--unfreeze', 'block5')).toBeUndefined();
    expect(refusal(flag, value, '--head', '1x8')).toBeUndefined();
    expect(refusal(flag, value, '--preset', 'small')).toBeUndefined();
  }
  expect(refusal('--unfreeze', 'block5', '--fine-tune-epochs', '0')).toBeUndefined();
  expect(refusal('--fine-tune-epochs', '9')).toContain('--fine-tune-epochs: ');
  expect(refusal('--epochs', String(CLASSIFIER_DEFAULTS.epochs), '--augment', 'flip')).toBe(
    undefined,
  );
});

it('without flags, the options are those of the presets', () => {
  expect({ ...CLASSIFIER_DEFAULTS, ...classifier() }).toEqual(CLASSIFIER_DEFAULTS);
  expect({ ...CYCLEGAN_RUN_PAPER, ...cycleGan() }).toEqual(CYCLEGAN_RUN_PAPER);
});

it('every option of a preset has a flag, but for what --pairs says', () => {
  const flagged = (table: readonly { readonly option: string }[]) =>
    new Set(table.map(({ option }) => option));
  const missing = (preset: object, flags: ReadonlySet<string>) =>
    Object.keys(preset).filter((option) => !flags.has(option));
  expect(missing(CLASSIFIER_DEFAULTS, flagged(CLASSIFIER_FLAGS))).toEqual([]);
  expect(missing(CYCLEGAN_RUN_PAPER, flagged(CYCLEGAN_FLAGS))).toEqual(['paired']);
});

it('a preset of a CycleGAN gives what was not given on the command line', () => {
  const options = (...args: readonly string[]) => {
    const { command, flags } = parsed(addTrainCycleGan, ['--x', 'a', '--y', 'b', ...args]);
    return cycleGanOptionsOf(flags, givenOptions(command, CYCLEGAN_FLAGS));
  };
  expect(options()).toEqual(CYCLEGAN_RUN_PAPER);
  expect(options('--preset', 'attribute')).toEqual(CYCLEGAN_RUN_ATTRIBUTE);
  expect(options('--preset', 'texture')).toEqual(CYCLEGAN_RUN_TEXTURE);
  // The paper's own value, but given: it counts.
  expect(options('--preset', 'attribute', '--lambda-cycle', '10', '--bend', '0')).toEqual({
    ...CYCLEGAN_RUN_ATTRIBUTE,
    lambdaCycle: 10,
    bend: 0,
  });
  // A pull that is given alone does not grow towards the preset's end.
  const pull = options('--preset', 'attribute', '--lambda-change', '10');
  expect(pull).toMatchObject({ lambdaChange: 10, lambdaChangeEnd: 10 });
  const both = ['--lambda-change', '8', '--lambda-change-end', '26'];
  expect(options('--preset', 'attribute', ...both)).toMatchObject({
    ...{ lambdaChange: 8, lambdaChangeEnd: 26 },
  });
});

it('--size of a CycleGAN is a side, or width x height, which count against a preset', () => {
  expect(cycleGan('--size', '64')).not.toHaveProperty('imageWidth');
  expect(cycleGan('--size', '96x64')).toMatchObject({ imageSize: 64, imageWidth: 96 });
  const args = ['--x', 'a', '--y', 'b', '--preset', 'texture', '--size', '32x48'];
  const { command, flags } = parsed(addTrainCycleGan, args);
  expect(cycleGanOptionsOf(flags, givenOptions(command, CYCLEGAN_FLAGS))).toEqual({
    ...{ ...CYCLEGAN_RUN_TEXTURE, imageSize: 48, imageWidth: 32 },
  });
  expect(() => parsed(addTrainCut, ['--x', 'a', '--y', 'b', '--size', '32x48'])).toThrow(
    /must be a whole number of at least 16/,
  );
});

it('the former names of flags set the new options', () => {
  expect(classifier('--no-balanced').classWeights).toBe('none');
  expect(cycleGan('--discriminator-rate', '4').discriminatorLrFactor).toBe(4);
  expect(cycleGan('--skip').skip).toBe('pre-tanh');
  expect(classifier('--augment', 'flip,crop').augment).toEqual(['crop', 'flip']);
});

const schedule = (...args: readonly string[]) => {
  const { command, notes } = parsed(addTrainCycleGan, ['--x', 'a', '--y', 'b', ...args]);
  return { ...scheduleOf(command), notes };
};

it('--epochs of a CycleGAN is the total, whose second half falls', () => {
  expect(schedule('--epochs', '8')).toEqual({ constantEpochs: 4, decayEpochs: 4, notes: '' });
  expect(schedule('--epochs', '3')).toEqual({ constantEpochs: 2, decayEpochs: 1, notes: '' });
  expect(schedule('--epochs', '1')).toEqual({ constantEpochs: 1, decayEpochs: 0, notes: '' });
  expect(schedule()).toEqual({ notes: '' });
});

it('--constant-epochs and --decay-epochs are set one by one; the old pair still works, with a note', () => {
  const pair = ['--constant-epochs', '3', '--decay-epochs', '5'];
  expect(cycleGan(...pair)).toMatchObject({ constantEpochs: 3, decayEpochs: 5 });
  expect(schedule(...pair)).toEqual({ notes: '' });
  const old = schedule('--epochs', '3', '--decay-epochs', '5');
  expect(old).toMatchObject({ constantEpochs: 3, decayEpochs: 5 });
  expect(old.notes).toMatch(/is now --constant-epochs with --decay-epochs/);
  expect(() => schedule('--epochs', '3', '--constant-epochs', '2')).toThrow(
    /--epochs is the number of all epochs/,
  );
});

it('an option counts as given only where its flag is on the command line', () => {
  const args = ['--data', 'd', '--target', 't', '--fine-tune-epochs', '5'];
  const { command } = parsed(addTrainClassifier, args);
  expect(givenOptions(command, CLASSIFIER_FLAGS)).toEqual(['fineTuneEpochs']);
});
