import { Command, CommanderError, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import {
  acceptOldName,
  listOf,
  namesOf,
  numberBetween,
  sidesOfImages,
  wholeNumber,
} from './flags.js';

interface Parsed {
  /** What the action got; undefined where it did not run. */
  readonly options: Readonly<Record<string, unknown>> | undefined;
  readonly errors: string;
  readonly exitCode: number;
}

/** Parses arguments with a command that has three renamed flags. */
async function parse(...args: readonly string[]): Promise<Parsed> {
  let options: Readonly<Record<string, unknown>> | undefined;
  let errors = '';
  const command = new Command('study')
    .exitOverride()
    .configureOutput({ writeErr: (text) => (errors += text) })
    .option('--workloads <list>', 'comma-separated workloads', listOf)
    .option('--drop-leaks', 'drop rows')
    .addOption(
      new Option('--class-weights <how>', 'weights')
        .choices(['balanced', 'none'])
        .default('balanced'),
    )
    .option('--lr-factor <factor>', 'factor', numberBetween(0.01, 100), 1)
    .action((flags: Record<string, unknown>) => {
      options = flags;
    });
  acceptOldName(command, { flags: '--works <list>', replacedBy: '--workloads' });
  acceptOldName(command, { flags: '--mend', replacedBy: '--drop-leaks' });
  acceptOldName(command, {
    flags: '--no-balanced',
    replacedBy: '--class-weights',
    value: 'none',
  });
  acceptOldName(command, { flags: '--rate <factor>', replacedBy: '--lr-factor' });
  try {
    await command.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { options, errors, exitCode: error.exitCode };
  }
  return { options, errors, exitCode: 0 };
}

const DEFAULTS = { classWeights: 'balanced', lrFactor: 1 };

describe('an old name', () => {
  it('sets the new flag to its value, read as the new flag reads it', async () => {
    expect((await parse('--works', 'a, b')).options).toEqual({
      ...DEFAULTS,
      workloads: ['a', 'b'],
    });
    expect((await parse('--rate', '0.5')).options).toEqual({ ...DEFAULTS, lrFactor: 0.5 });
    expect((await parse('--mend')).options).toEqual({ ...DEFAULTS, dropLeaks: true });
  });

  it('sets the new flag to the value that it stands for', async () => {
    expect((await parse('--no-balanced')).options).toEqual({ ...DEFAULTS, classWeights: 'none' });
  });

  it('changes nothing where it is not used, and the new flag prints no note', async () => {
    expect(await parse()).toEqual({ options: DEFAULTS, errors: '', exitCode: 0 });
    expect(await parse('--drop-leaks', '--class-weights', 'none')).toEqual({
      options: { ...DEFAULTS, dropLeaks: true, classWeights: 'none' },
      errors: '',
      exitCode: 0,
    });
  });

  it('prints the new one to standard error', async () => {
    expect((await parse('--works', 'a')).errors).toMatch(/^--works is now --workloads; /);
    expect((await parse('--no-balanced')).errors).toMatch(
      /^--no-balanced is now --class-weights none; /,
    );
  });

  it('given with the new one is a usage error, in either order', async () => {
    for (const args of [
      ['--works', 'a', '--workloads', 'b'],
      ['--workloads', 'b', '--works', 'a'],
    ]) {
      const { options, errors, exitCode } = await parse(...args);
      expect(errors).toMatch(/--works is the old name of --workloads: give one of the two/);
      expect([options, exitCode]).toEqual([undefined, 2]);
    }
    expect((await parse('--no-balanced', '--class-weights', 'balanced')).exitCode).toBe(2);
  });

  it('refuses what the new flag refuses', async () => {
    const { options, errors } = await parse('--rate', '0');
    expect(errors).toMatch(/--rate <factor>.*must be a number from 0\.01 to 100/);
    expect(options).toBeUndefined();
  });

  it('is hidden from the help, and can only replace a flag that exists', () => {
    const command = new Command('study').option('--drop-leaks', 'drop rows');
    acceptOldName(command, { flags: '--mend', replacedBy: '--drop-leaks' });
    expect(command.helpInformation()).toContain('--drop-leaks');
    expect(command.helpInformation()).not.toContain('--mend');
    expect(() => {
      acceptOldName(command, { flags: '--old', replacedBy: '--absent' });
    }).toThrow(/--old is replaced by --absent, which is not a flag/);
  });
});

it('wholeNumber and numberBetween refuse what is not in their range', () => {
  expect(wholeNumber(1)('3')).toBe(3);
  for (const text of ['0', '1.5', 'x']) {
    expect(() => wholeNumber(1)(text)).toThrow(/whole number of at least 1/);
  }
  expect([numberBetween(0, 1)('0'), numberBetween(0, 1)('1')]).toEqual([0, 1]);
  for (const text of ['-0.1', '1.1', '', 'x']) {
    expect(() => numberBetween(0, 1)(text)).toThrow(/a number from 0 to 1/);
  }
});

it('namesOf reads pairs and refuses what is none', () => {
  expect(namesOf('feminine=female, masculine = male')).toEqual({
    feminine: 'female',
    masculine: 'male',
  });
  expect(() => namesOf('feminine')).toThrow(/must be name=other/);
  expect(() => namesOf('a=b=c')).toThrow(/must be name=other/);
});

it('sidesOfImages reads the side of squares, or width x height', () => {
  expect(['64', '64x64', '64x96'].map(sidesOfImages(16))).toEqual([
    ...[64, 64],
    { width: 64, height: 96 },
  ]);
  for (const text of ['', 'x', '64x', 'x64', '64x96x3', '64x8', '64.5', '-64', '64 x 96']) {
    expect(() => sidesOfImages(16)(text)).toThrow(/width x height such as 64x96, in whole numbers/);
  }
});
