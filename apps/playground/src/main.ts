/** The program behind `janus playground`. */
import { parseArgs } from 'node:util';
import { JanusError, systemFailureText } from '@janus/core';
import { writePlayground } from './write-playground.js';

/** Arguments that the command has checked: `<run> --out <dir> [--translation <run>] [--json]`. */
function argumentsOf(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string', default: 'playground' },
      translation: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  return { ...values, run: positionals[0] ?? '' };
}

/** Returns the exit status: 0, or 1 for an expected failure. */
async function main(args: readonly string[]): Promise<number> {
  const { run, out, translation, json } = argumentsOf(args);
  try {
    const made = await writePlayground(run, {
      out,
      ...(translation === undefined ? {} : { translation }),
    });
    const size = `${(made.bytes / 1e6).toFixed(1)} MB in ${made.files.length} files`;
    process.stdout.write(
      json
        ? `${JSON.stringify(made)}\n`
        : `Wrote ${made.index} (${size}). Open it in a browser, or put the folder on any server of files.\n`,
    );
    return 0;
  } catch (error) {
    const line = error instanceof JanusError ? error.message : systemFailureText(error, out);
    if (line === undefined) throw error;
    process.stderr.write(`playground: ${line}\n`);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
