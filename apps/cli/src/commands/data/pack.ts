import { packDataset, writeShards } from '@janus/data';
import { Option, type Command } from 'commander';
import { jsonFlag, refuseFlags, wholeNumber } from '../../flags.js';
import { INTERRUPTED, interruptSignal } from '../../interrupt.js';
import { createTerminal, type Terminal } from '../../terminal.js';

interface PackFlags {
  readonly format: 'pixels' | 'webdataset';
  readonly size: number;
  readonly shardSize: number;
  readonly out?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const HELP = `
pixels: decode the kept images to what training sees, in <dir>/packed. Training uses a pack automatically instead of
decoding, as long as it matches the images and the decoder versions; results are bit-identical.
webdataset: write the original files and <key>.json (labels, split, sha256) to <dir>/shards/shard-000000.tar, ...
An interrupted command resumes where it stopped when it is repeated.

Examples:
  $ npx janus data pack data/faces --size 224
  $ npx janus data pack data/faces --format webdataset --shard-size 10000`;

/** `janus data pack`. */
export function addPack(data: Command): void {
  data
    .command('pack')
    .description('write the kept images to one file of pixels, or to tar shards')
    .argument('<dir>', 'data folder')
    .addOption(
      new Option('--format <name>', 'output format')
        .choices(['pixels', 'webdataset'])
        .default('pixels'),
    )
    .option('--size <px>', 'pixels: side of the square images, at least 8', wholeNumber(8), 224)
    .option('--shard-size <n>', 'webdataset: images per archive', wholeNumber(1), 10_000)
    .option('--out <dir>', 'webdataset: folder for the archives (default: <dir>/shards)')
    .option('--force', 'write it again even if it exists')
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (dir: string, flags: PackFlags, command: Command) => {
      const others = flags.format === 'pixels' ? ['out', 'shardSize'] : ['size'];
      const format = flags.format === 'pixels' ? 'webdataset' : 'pixels';
      refuseFlags(command, others, `applies to --format ${format}`);
      const terminal = createTerminal(flags.json === true);
      const began = performance.now();
      const result = await (flags.format === 'pixels' ? pixels : shards)(dir, flags, terminal);
      terminal.endProgress();
      const seconds = (performance.now() - began) / 1000;
      const peakRssMb = Math.round(process.resourceUsage().maxRSS / 1024);
      const { line, ...found } = result;
      const { rows, finished } = found;
      terminal.result({ ...found, rejected: 0, reasons: {}, seconds, peakRssMb }, [
        finished ? line : 'Stopped. Repeat the command to resume.',
        ...(finished ? [`${rows} images, ${seconds.toFixed(1)} s`] : []),
      ]);
      if (!finished) process.exitCode = INTERRUPTED;
    });
}

interface Packed {
  readonly folder: string;
  readonly rows: number;
  readonly finished: boolean;
  readonly line: string;
}

async function pixels(dir: string, flags: PackFlags, terminal: Terminal): Promise<Packed> {
  const { size, force = false } = flags;
  const result = await packDataset(dir, {
    ...{ size, force, report: terminal.progress, signal: interruptSignal() },
  });
  const megabytes = (result.bytes / 1e6).toFixed(1);
  const line =
    result.packed === 0
      ? `${result.folder}: already exists, ${megabytes} MB`
      : `Packed ${dir}: ${result.folder}, ${megabytes} MB`;
  return { ...result, line };
}

async function shards(dir: string, flags: PackFlags, terminal: Terminal): Promise<Packed> {
  const { shardSize, force = false, out } = flags;
  const result = await writeShards(dir, {
    ...{ shardSize, force, report: terminal.progress, signal: interruptSignal() },
    ...(out === undefined ? {} : { out }),
  });
  const line =
    result.written === 0
      ? `${result.folder}: already exists, ${result.shards} shards`
      : `Packed ${dir}: ${result.shards} shards in ${result.folder}`;
  return { ...result, line };
}
