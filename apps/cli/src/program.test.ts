import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { faultOf } from './example-line.fixture.js';
import { buildProgram } from './program.js';

/** Returns a command and all below it, each with its words. */
function commandsOf(
  command: Command,
  words: readonly string[],
): readonly (readonly [words: string, command: Command])[] {
  return [
    [words.join(' '), command],
    ...command.commands.flatMap((each) => commandsOf(each, [...words, each.name()])),
  ];
}

/** Returns what `--help` prints, the text after the options included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (more) => (text += more) });
  command.outputHelp();
  return text;
}

const program = buildProgram();

describe.each(commandsOf(program, ['janus']))('%s --help', (_, command) => {
  const help = helpOf(command);
  const examples = [...help.matchAll(/^ +\$ (?:npx janus|npm run) (.+)$/gm)].map(
    ([, line = '']) => line,
  );

  it('has examples whose commands and flags exist', () => {
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.map((example) => faultOf(program, example)).filter(Boolean)).toEqual([]);
  });

  it('describes the command, its arguments and its flags', () => {
    expect(command.description()).not.toBe('');
    for (const each of [...command.registeredArguments, ...command.options]) {
      if ('hidden' in each && each.hidden) continue;
      expect(each.description, each.name()).not.toBe('');
    }
  });
});
