import type { Command } from 'commander';
import { addClean } from './data/clean.js';
import { addCrop } from './data/crop.js';
import { addFetch } from './data/fetch.js';
import { addImport } from './data/import.js';
import { addMerge } from './data/merge.js';
import { addPack } from './data/pack.js';
import { addReview } from './data/review.js';
import { addShow } from './data/show.js';
import { addSplit } from './data/split.js';
import { addStats } from './data/stats.js';

/** `janus data import|fetch|crop|review|clean|split|pack|merge|stats|show`. */
export function addDataCommands(program: Command): void {
  const data = program
    .command('data')
    .description(
      'import, fetch, crop, review, clean, split, pack, merge and inspect image data sets',
    )
    .addHelpText('after', '\nExample:\n  $ npx janus data import folder photos --out data/photos');
  addImport(data);
  addFetch(data);
  addCrop(data);
  addReview(data);
  addClean(data);
  addSplit(data);
  addPack(data);
  addMerge(data);
  addStats(data);
  addShow(data);
}
