import { JanusError } from '@janus/core';
import { CommanderError } from 'commander';
import { buildProgram } from './program.js';

process.on('disconnect', () => {
  // The launcher has exited or was killed, so nobody reads the output of this process.
  process.exit(1);
});

async function main(): Promise<number> {
  try {
    await buildProgram().parseAsync(process.argv);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof JanusError) {
      process.stderr.write(`janus: ${error.message}\n`);
      return 1;
    }
    const failure = systemFailure(error);
    if (failure !== undefined) {
      process.stderr.write(`janus: ${failure}\n`);
      return 1;
    }
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return 1;
  }
}

/** Returns one line for a failure of the system that the user can fix; undefined for any other error. */
function systemFailure(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  switch (error.code) {
    case 'ENOSPC':
      return `${path}: needs more space than the disk has left. Free some space and repeat the command; files that were finished are intact.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path}: permission denied (${error.code}). Choose another folder, or fix its permissions.`;
    default:
      return undefined;
  }
}

process.exit(await main());
