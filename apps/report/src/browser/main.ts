/** The page's script. The page holds all numbers and images; nothing is fetched. */
import type { PageData } from '../page-data.js';
import { showComparison } from './comparison.js';
import { drawFigures } from './draw-figures.js';
import { foldContents, openTarget, sharePictures } from './page-links.js';
import { runsTable } from './runs-table.js';

const page = JSON.parse(document.getElementById('page-data')?.textContent ?? '') as PageData;

sharePictures();
foldContents();
const drawing = drawFigures(page);
runsTable({
  onCompare: (first, second) => {
    const [a, b] = [first, second].map((id) => page.runs.find((run) => run.id === id));
    if (a !== undefined && b !== undefined) showComparison([a, b], drawing);
  },
});
addEventListener('hashchange', openTarget);
openTarget();
