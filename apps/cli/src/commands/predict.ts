import { basename, extname, join } from 'node:path';
import { DataError, OptionsError, readRun } from '@janus/core';
import { useEngine, type EngineName } from '@janus/engine';
import { decodeImage, decodeImages, writePng } from '@janus/images';
import {
  argMax,
  computeFeatures,
  loadClassifier,
  loadModel,
  registerLayers,
  softmax,
  translate,
} from '@janus/models';
import { precisionOfRun } from '@janus/runs';
import { Option, type Command } from 'commander';
import { engineFlag, jsonFlag } from '../flags.js';
import { createTerminal } from '../terminal.js';

interface Flags {
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

/** `janus predict`, `janus translate`. */
export function addPredictCommands(program: Command): void {
  program
    .command('predict')
    .description('say what a trained classifier sees in images')
    .argument('<run>', 'classifier run')
    .argument('<image...>', 'image files')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus predict runs/faces-presentation-vgg16 photo.jpg',
    )
    .action(async (folder: string, images: string[], flags: Flags) => {
      const terminal = createTerminal(flags.json === true);
      const record = await requireKind(folder, 'classifier');
      await useEngine({ engine: flags.engine });
      const { model, description } = await loadClassifier(join(folder, 'model'));
      const { imageSize, classes, preprocessing, target } = description;
      const pixels = await decodeImages(images, imageSize);
      const batch = { pixels, count: images.length, size: imageSize };
      const { data } = await computeFeatures(model, batch, {
        preprocessing,
        precision: precisionOfRun(record, terminal),
      });
      const predictions = images.map((image, i) => {
        const row = softmax([...data.subarray(i * classes.length, (i + 1) * classes.length)]);
        return {
          image,
          predicted: classes[argMax(row)] ?? '',
          probabilities: Object.fromEntries(classes.map((name, c) => [name, row[c] ?? 0])),
        };
      });
      terminal.result(
        { target, predictions },
        predictions.map(({ image, predicted, probabilities }) => {
          const shares = Object.entries(probabilities)
            .map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`)
            .join(', ');
          return `${image}: ${target} ${predicted} (${shares})`;
        }),
      );
    });

  program
    .command('translate')
    .description('change the attribute of images with a trained CycleGAN')
    .argument('<run>', 'cyclegan run')
    .argument('<image...>', 'image files')
    .requiredOption('--out <dir>', 'where the fakes go, as PNG')
    .addOption(
      new Option('--direction <way>', 'which generator')
        .choices(['x-to-y', 'y-to-x'])
        .default('x-to-y'),
    )
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      '\nExample:\n  $ npx janus translate runs/cyclegan-feminine-masculine photo.jpg --out fakes',
    )
    .action(
      async (
        folder: string,
        images: string[],
        flags: Flags & { out: string; direction: 'x-to-y' | 'y-to-x' },
      ) => {
        const terminal = createTerminal(flags.json === true);
        const record = await requireKind(folder, 'cyclegan');
        const size = Number(record.options['imageSize']);
        const names = images.map((image) => `${basename(image, extname(image))}.png`);
        const repeated = names.find((name, i) => names.indexOf(name) !== i);
        if (repeated !== undefined) {
          throw new OptionsError(
            `translate: names must differ within --out, but ${repeated} would be written twice. Translate them one folder at a time.`,
          );
        }
        registerLayers();
        await useEngine({ engine: flags.engine });
        const generator = await loadModel(
          join(folder, 'model', flags.direction === 'x-to-y' ? 'G' : 'F'),
        );
        const written: string[] = [];
        for (const [i, image] of images.entries()) {
          const pixels = await decodeImage(image, size);
          const fake = await translate(generator, { images: pixels, height: size, width: size });
          const file = join(flags.out, names[i] ?? '');
          await writePng(file, { pixels: fake, width: size, height: size });
          written.push(file);
        }
        terminal.result(
          { written },
          written.map((file) => `Wrote ${file}`),
        );
      },
    );
}

async function requireKind(
  folder: string,
  kind: 'classifier' | 'cyclegan',
): ReturnType<typeof readRun> {
  const record = await readRun(folder);
  if (record.kind !== kind) {
    throw new DataError(
      `${folder}: must be a ${kind} run, but is a ${record.kind} run. Use \`janus ${kind === 'classifier' ? 'translate' : 'predict'}\` for it.`,
      { path: folder },
    );
  }
  return record;
}
