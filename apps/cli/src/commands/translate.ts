import type { EngineName } from '@janus/engine';
import {
  FITS,
  IMAGE_FORMATS,
  LATENT_SEARCHES,
  translateImages,
  type ImageTranslations,
  type TranslateImagesOptions,
} from '@janus/runs';
import { Option, type Command } from 'commander';
import { csvFlag, engineFlag, jsonFlag, namesOf, numberBetween, wholeNumber } from '../flags.js';
import { translationTable } from '../image-tables.js';
import { untilInterrupted } from '../interrupt.js';
import { IMAGES_HELP, reportUnreadable } from '../named-images.js';
import { createTerminal } from '../terminal.js';

interface Flags extends TranslateImagesOptions {
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
  readonly csv?: boolean;
}

const HELP = `
A translation has the size of its photo, turned upright, and says in its metadata (XMP, EXIF, PNG text) that it is
synthetic and by which run. How a photo of another size than the run's gets there:
  --fit resize   the photo is scaled to the run's size, and the change enlarged and added to it. The default: right for
                 runs that change an attribute, most of all with --skip residual, which learn a smooth change
  --fit tile     overlapping tiles of the photo at its own size, blended. For runs that change a surface
  --fit square   the middle square (or part of the run's aspect) at the run's size: what evaluate measures. The default of an icgan run, which makes
                 whole images of its own size
  --faces        each face in its place, cropped as data crop --by face does, faded into the photo. For runs on such crops

Example:
  $ npx janus translate runs/cyclegan-feminine-masculine photo.jpg --out fakes
  $ npx janus translate runs/cyclegan-female-male photos --out fakes --faces --strength 0.7 --sheet
  $ npx janus translate runs/stargan-glasses-beard photos --out fakes --set glasses=1,beard=0
  $ npx janus translate runs/icgan-age_group photos --out fakes --set age_group=60-80 --search identity
  $ npx janus translate runs/cyclegan-horse-zebra photos --out fakes --direction y-to-x --fit tile --mark`;

/** `janus translate`. */
export function addTranslateCommand(program: Command): void {
  program
    .command('translate')
    .description(
      'translate images with a trained CycleGAN or CUT, or set their attributes with a StarGAN or IcGAN',
    )
    .argument('<run>', 'cyclegan, cut, stargan or icgan run')
    .argument('<image...>', IMAGES_HELP)
    .requiredOption('--out <dir>', 'folder for the fakes')
    .addOption(
      new Option('--direction <way>', 'which generator')
        .choices(['x-to-y', 'y-to-x'])
        .default('x-to-y'),
    )
    .option(
      '--set <attributes>',
      'of a stargan or icgan run: what attributes are to be, such as glasses=1,beard=0 or hair_colour=blond; the others stay as the run itself sees them',
      namesOf,
    )
    .addOption(
      new Option(
        '--search <by>',
        'of an icgan run: search for the latent numbers whose face is most like the photo, in pixels or, identity, to the face network, before attributes are set; a second or so per photo',
      ).choices(LATENT_SEARCHES),
    )
    .addOption(
      new Option('--fit <way>', 'how a photo reaches the network (default: resize)').choices(FITS),
    )
    .option('--tile <px>', "side of a tile (default: the run's shorter side)", wholeNumber(16))
    .option(
      '--overlap <px>',
      'pixels that tiles share, at most half a tile (default: half)',
      wholeNumber(0),
    )
    .option('--faces', 'translate each face in its place')
    .option(
      '--face-margin <share>',
      "margin around a face, as a share of its longer side (default: as the run's data was cropped, else 0.4)",
      numberBetween(0, 4),
    )
    .option(
      '--strength <factor>',
      'what the change is multiplied by: 0.5 shows half of it (default: 1)',
      numberBetween(0, 1.5),
    )
    .option('--cycle', 'also write each fake translated back: <name>-back')
    .option('--difference', 'also write what was changed, grey where nothing was')
    .option('--sheet', 'also write a sheet of originals beside their fakes')
    .option('--mark', 'write "synthetic" into a corner of each fake')
    .addOption(new Option('--format <format>', 'file format').choices(IMAGE_FORMATS).default('png'))
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addOption(csvFlag())
    .addHelpText('after', HELP)
    .action(async (run: string, images: string[], { json, csv = false, ...options }: Flags) => {
      const terminal = createTerminal(json === true, csv);
      const stopped = `Stopped: files in ${options.out} are whole. To translate all images, repeat the command.`;
      await untilInterrupted(terminal, stopped, async (signal) => {
        const made = await translateImages(run, images, { ...options, reporter: terminal, signal });
        terminal.result(made, csv ? translationTable(made) : translationLines(made));
        reportUnreadable(made.unreadable);
      });
    });
}

function translationLines({ rows, sheets, fit, what }: ImageTranslations): readonly string[] {
  if (rows.length === 0) return [];
  return [
    ...rows.map(({ out, width, height, faces }) => {
      const found = faces === undefined ? '' : `, ${faces} ${faces === 1 ? 'face' : 'faces'}`;
      return `Wrote ${out} (${width} x ${height}${found})`;
    }),
    ...sheets.map((path) => `Wrote ${path}`),
    `Translated, ${what}: ${fit}. Each file says in its metadata that it is synthetic.`,
  ];
}
