import { countText, percentText } from '@janus/core';
import type { EngineName } from '@janus/engine';
import {
  BACKBONES,
  LABEL_FILTERS,
  PROBE_NORMALISATIONS,
  PROBE_POOLINGS,
  REVIEW_DEFAULTS,
  reviewLabels,
  writeLabelReview,
  type LabelReview,
  type ReviewLabelsOptions,
} from '@janus/runs';
import type { Command } from 'commander';
import { engineFlag, jsonFlag, PRECISIONS, wholeNumber } from '../../flags.js';
import { FEATURES_STAY, untilInterrupted } from '../../interrupt.js';
import { openFile } from '../../open-file.js';
import { addOptionFlags, optionsOfFlags, type OptionFlag } from '../../option-flags.js';
import { createTerminal } from '../../terminal.js';

/** The flags of `janus data review` that set an option. */
export const REVIEW_FLAGS: readonly OptionFlag<ReviewLabelsOptions>[] = [
  {
    option: 'filterBy',
    flags: '--filter-by <name>',
    help: "which labels are flagged: cleanlab's filter_by",
    choices: LABEL_FILTERS,
  },
  {
    option: 'backbone',
    flags: '--backbone <name>',
    help: 'pretrained convolutional base whose features are used',
    choices: BACKBONES.filter((name) => name !== 'small-vgg'),
  },
  {
    option: 'weights',
    flags: '--weights <file>',
    help: 'its weights: Keras .h5, or .safetensors (default: from the cache, or fetched)',
  },
  {
    option: 'size',
    flags: '--size <px>',
    help: 'side of the square images',
    parse: wholeNumber(32),
  },
  {
    option: 'cut',
    flags: '--cut <block>',
    help: 'block after which features are taken (default: block4 of vgg16, else the last)',
  },
  {
    option: 'pooling',
    flags: '--pooling <name>',
    help: 'what is taken of feature maps',
    choices: PROBE_POOLINGS,
  },
  {
    option: 'normalisation',
    flags: '--normalisation <name>',
    help: 'how features are scaled',
    choices: PROBE_NORMALISATIONS,
  },
  {
    option: 'folds',
    flags: '--folds <k>',
    help: 'folds, each judged by a fit on the others; people and near duplicates stay together',
    parse: wholeNumber(3),
  },
  { option: 'seed', flags: '--seed <n>', help: 'seed of the folds', parse: wholeNumber(0) },
  {
    option: 'precision',
    flags: '--precision <type>',
    help: 'what features are computed in on the tensorflow engine; auto: bfloat16 where it is faster',
    choices: PRECISIONS,
  },
];

interface ReviewFlags extends Readonly<Record<string, unknown>> {
  readonly target: string;
  readonly out?: string;
  readonly limit: number;
  readonly open?: boolean;
  readonly engine: EngineName | 'auto';
  readonly json?: boolean;
}

const HELP = `
The page has buttons and keys to keep a label, change it, or remove the image, and saves decisions.json.

Examples:
  $ npx janus data review data/people --target gender --open
  $ npx janus data clean data/people --decisions decisions.json`;

/** `janus data review`. */
export function addReview(data: Command): void {
  const command = data
    .command('review')
    .description(
      'find labels that are probably wrong, by confident learning, and write a page on which to accept or reject them',
    )
    .argument('<dir>', 'data folder')
    .requiredOption('--target <column>', 'label column to check');
  addOptionFlags(command, REVIEW_FLAGS, REVIEW_DEFAULTS);
  command
    .option('--out <dir>', 'folder for the page (default: review in the data folder)')
    .option('--limit <n>', 'maximum number of images on the page', wholeNumber(1), 500)
    .option('--open', 'open the page in the browser')
    .addOption(engineFlag())
    .addOption(jsonFlag())
    .addHelpText('after', HELP)
    .action(async (dir: string, flags: ReviewFlags) => {
      const { target, out, limit, open, engine, json } = flags;
      const terminal = createTerminal(json === true);
      const options = { ...optionsOfFlags(flags, REVIEW_FLAGS), target };
      await untilInterrupted(terminal, FEATURES_STAY, async (signal) => {
        const review = await reviewLabels(dir, options, { engine, reporter: terminal, signal });
        terminal.endProgress();
        const files = await writeLabelReview(review, {
          limit,
          ...(out === undefined ? {} : { out }),
        });
        terminal.result({ ...review, ...files }, reviewLines(dir, { ...review, page: files.page }));
        if (open === true && !(await openFile(files.page))) {
          terminal.log(`No program opens files here. Open ${files.page} in a browser.`);
        }
      });
    });
}

/** Issues that are printed. */
const SHOWN = 10;

function reviewLines(
  dir: string,
  review: LabelReview & { readonly page: string },
): readonly string[] {
  const { target, n, issues, judged, backbone, cut, folds, balancedAccuracy, warning } = review;
  const share = percentText(issues.length / n);
  return [
    `${target}: ${countText(issues.length)} of ${countText(n)} labels are probably wrong (${share}), by ${backbone}, ${cut}, in ${folds} folds, which agrees with the labels in ${percentText(balancedAccuracy)}, balanced`,
    ...(judged === 0 ? [] : [`${countText(judged)} more were judged in an earlier review`]),
    ...(warning === null ? [] : [warning]),
    ...issues
      .slice(0, SHOWN)
      .map(
        ({ id, given, suggested, confidence }) =>
          `  ${id}: ${given}, looks like ${suggested} (${percentText(confidence)})`,
      ),
    ...(issues.length > SHOWN ? [`  and ${countText(issues.length - SHOWN)} more`] : []),
    `Decide on ${review.page}, then: npx janus data clean ${dir} --decisions decisions.json`,
  ];
}
