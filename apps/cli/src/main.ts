import { JanusError, systemFailureText } from '@janus/core';
import { CommanderError } from 'commander';
import { flushed, outliveReaders } from './output.js';
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
    const failure = systemFailureText(error);
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

outliveReaders([process.stdout, process.stderr]);
const status = await main();
await Promise.all([process.stdout, process.stderr].map(flushed));
process.exit(status);
