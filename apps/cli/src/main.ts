import { JanusError } from '@janus/core';
import { CommanderError } from 'commander';
import { buildProgram } from './program.js';

process.on('disconnect', () => {
  // The launcher is gone, killed perhaps: nobody reads what this process would print.
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
    const full = systemFailure(error);
    if (full !== undefined) {
      process.stderr.write(`janus: ${full}\n`);
      return 1;
    }
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return 1;
  }
}

/** Failures of the machine that a person can mend, in one line each. */
function systemFailure(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  switch (error.code) {
    case 'ENOSPC':
      return `${path}: needs more space than the disk has left. Free some, and repeat the command; what was finished before is whole.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path}: may not be written or read (${error.code}). Choose another folder, or mend its permissions.`;
    default:
      return undefined;
  }
}

process.exit(await main());
