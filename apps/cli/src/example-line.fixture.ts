import { CommanderError, type Command } from 'commander';

/** Splits a command line at its blanks; text in quotes stays whole. */
function argumentsOf(line: string): readonly string[] {
  return (line.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((each) => each.replace(/^["']|["']$/g, ''));
}

/** Returns the arguments and unknown flags that a command sees, or why it refuses a flag's value. */
function parsed(
  command: Command,
  line: readonly string[],
): { readonly operands: readonly string[]; readonly unknown: readonly string[] } | string {
  try {
    return command.parseOptions([...line]);
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

/**
 * Returns what is wrong with the command line of an example: a command that does not exist, flags that its command
 * lacks, or too few arguments; empty when nothing is.
 *
 * @param line what stands after `janus`
 */
export function faultOf(program: Command, line: string): string {
  let rest = argumentsOf(line);
  let named = program;
  for (;;) {
    const next = named.commands.find((each) => each.name() === rest[0]);
    if (next === undefined) break;
    named = next;
    rest = rest.slice(1);
  }
  const read = parsed(named, rest);
  if (typeof read === 'string') return `${line}: ${read}`;
  const { operands, unknown } = read;
  const onlyHelp = unknown.length === 1 && unknown[0] === '--help';
  if (onlyHelp) return '';
  if (named === program) return `${line}: no such command`;
  if (unknown.length > 0) return `${line}: unknown ${unknown.join(' ')}`;
  const required = named.registeredArguments.filter((each) => each.required).length;
  return operands.length < required ? `${line}: needs ${required} arguments` : '';
}
