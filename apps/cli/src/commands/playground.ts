import type { Command } from 'commander';
import { jsonFlag } from '../flags.js';
import { runApp } from '../run-app.js';

interface Flags {
  readonly out: string;
  readonly translation?: string;
  readonly json?: boolean;
}

const HELP = `
Images are dropped, chosen, pasted or taken with the camera; the face is found and cropped as data crop does. The page
computes on WebGPU, WebGL or WebAssembly, needs no server and no network, and sends nothing.

Examples:
  $ npx janus playground runs/faces-presentation-vgg16 --out playground
  $ npx janus playground runs/faces-glasses --translation runs/cyclegan-none-sunglasses --out playground`;

/** `janus playground`. */
export function addPlaygroundCommand(program: Command): void {
  program
    .command('playground')
    .description('write a page that tries a classifier in the browser, and translates beside it')
    .argument('<run>', 'classifier run')
    .option('--out <dir>', 'folder for the page', 'playground')
    .option('--translation <run>', 'cyclegan or cut run whose translations stand beside the answer')
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (run: string, { out, translation, json }: Flags) => {
      process.exitCode = await runApp('playground', [
        ...[run, '--out', out],
        ...(translation === undefined ? [] : ['--translation', translation]),
        ...(json === true ? ['--json'] : []),
      ]);
    });
}
